/* `penstock ledger`: shows the accounts, or rebuilds them.
 *
 *     penstock ledger            the state of the ledger and the accounts of all clients
 *     penstock ledger run ID     the account of one run
 *     penstock ledger rebuild    rebuilds all accounts from the usage log */
#include "cli/commands.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failure.h"
#include "base/money.h"
#include "cli/options.h"
#include "cli/tty.h"
#include "config/settings.h"
#include "ledger/ledger.h"
#include "ledger/ledger_query.h"
#include "ledger/ledger_rebuild.h"
#include "ledger/quota.h"
#include "ledger/recovery.h"
#include "process/daemon.h"
#include "usage/usage_log.h"

struct session {
    const struct settings *settings;
    struct ledger *ledger;
    struct usage_log *log;
};

static void complain(void *context, const struct failure *why)
{
    (void)context;
    fprintf(stderr, "%s\n", why->message);
}

static int report_fault(const struct session *session)
{
    const char *fault = ledger_fault(session->ledger);
    fprintf(stderr, "penstock: the ledger cannot be used%s%s\n", fault ? ": " : "", fault ? fault : "");
    return EXIT_FAILURE;
}

static void print_money(const char *words, int64_t amount)
{
    char text[MONEY_TEXT_SIZE];
    money_print(amount, text);
    printf("%s%s USD", words, text);
}

static int show(const struct session *session)
{
    int64_t waiting, lost, owed;
    const char *fault;
    if (!ledger_works(session->ledger, &fault, &owed) || !ledger_unlogged(session->ledger, &waiting, &lost))
        return report_fault(session);
    printf("ledger: %s, in %s\n", ledger_is_absent(session->ledger) ? "not made yet" : "ok",
           session->settings->state_dir);
    if (*session->settings->ledger)
        printf("accounts: in %s; %lld requests of this host not yet reported to it\n",
               session->settings->ledger, (long long)owed);
    printf("records waiting for the usage log: %lld, lost: %lld\n", (long long)waiting, (long long)lost);
    for (size_t i = 0; i < session->settings->client_count; i++) {
        struct client_account account;
        const char *name = session->settings->clients[i].name;
        if (!ledger_client(session->ledger, name, &account))
            return report_fault(session);
        quota_roll_windows(&account, clock_wall_us() / 1000);
        printf("client %s: ", name);
        print_money("", account.spent_day);
        print_money(" today, ", account.spent_month);
        print_money(" this month, ", account.spent_total);
        printf(" in total; %lld open\n", (long long)account.concurrent);
    }
    return EXIT_SUCCESS;
}

static int show_run(const struct session *session, const char *run)
{
    struct run_account account;
    if (!ledger_run(session->ledger, run, &session->settings->runs, &account))
        return report_fault(session);
    fputs("run ", stdout);
    tty_print(run, stdout);
    print_money(": ", account.spent);
    printf(", %lld inference errors\n", (long long)account.errors);
    return EXIT_SUCCESS;
}

/* Recovers the orphans first, so that the usage log contains their records. */
static int rebuild(const struct session *session)
{
    struct rebuild_summary summary;
    struct failure why;
    recovery_run(session->ledger, session->log);
    if (!ledger_rebuild(session->ledger, session->settings->usage_path, session->log, &summary, &why)) {
        fprintf(stderr, "penstock: %s\n", why.message);
        return EXIT_FAILURE;
    }
    printf("the ledger is rebuilt: %zu records, ", summary.records);
    print_money("", summary.cost);
    printf(", %zu torn lines\n", summary.torn);
    if (*session->settings->ledger)
        puts("the accounts in Redis are unchanged, because other hosts share them");
    return EXIT_SUCCESS;
}

static int run_with(const struct session *session, const struct options *options)
{
    size_t count = options->operand_count;
    char **operands = options->operands;
    if (count == 0)
        return show(session);
    if (count == 1 && strcmp(operands[0], "rebuild") == 0)
        return rebuild(session);
    if (count == 2 && strcmp(operands[0], "run") == 0)
        return show_run(session, operands[1]);
    return options_refuse(options->syntax, "expected nothing, `rebuild`, or `run ID`");
}

/* If root runs this before the first `penstock serve`, the folders become those of the workers. */
static void prepare_folders(const struct settings *settings)
{
    struct identity identity;
    struct failure nothing;
    if (geteuid() == 0 && daemon_find_identity(settings, &identity, &nothing))
        daemon_create_paths(settings, &identity);
}

static int run(const struct options *options)
{
    struct settings *settings = settings_load(&options->source, complain, NULL);
    if (!settings)
        return EXIT_FAILURE;
    bool looks = !options->operand_count || strcmp(options->operands[0], "run") == 0;
    if (!looks)
        prepare_folders(settings);
    struct session session = {settings, looks ? ledger_open_to_read(settings) : ledger_open(settings),
                              usage_log_open(settings->usage_path)};
    int status = run_with(&session, options);
    usage_log_close(session.log);
    ledger_close(session.ledger);
    settings_free(settings);
    return status;
}

int command_ledger(int argc, char **argv)
{
    static const struct command_syntax syntax = {
        .name = "penstock ledger",
        .operands = "[rebuild | run ID]",
        .description = "Shows the state of the ledger and the accounts of all clients.\n\n"
                       "  run ID     show the account of one run instead\n"
                       "  rebuild    rebuild all accounts from the usage log; requests wait meanwhile\n",
    };
    return options_run(&syntax, argc, argv, run);
}
