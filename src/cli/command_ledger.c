/* `penstock ledger`: how the accounts stand, and the accounts made anew.
 *
 *     penstock ledger            how it is, and the accounts of the clients
 *     penstock ledger rebuild    all accounts anew, from the usage log
 *     penstock ledger run ID     the account of one run */
#include "cli/commands.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/failure.h"
#include "base/money.h"
#include "cli/options.h"
#include "cli/tty.h"
#include "config/settings.h"
#include "ledger/ledger.h"
#include "ledger/ledger_orphans.h"
#include "ledger/ledger_query.h"
#include "ledger/ledger_rebuild.h"
#include "ledger/quota.h"
#include "ledger/recovery.h"
#include "usage/usage_log.h"

struct desk {
    const struct settings *settings;
    struct ledger *ledger;
    struct usage_log *log;
};

static void complain(void *context, const struct failure *why)
{
    (void)context;
    fprintf(stderr, "%s\n", why->message);
}

static int fail_with(const struct desk *desk)
{
    const char *fault = ledger_fault(desk->ledger);
    fprintf(stderr, "penstock: the ledger cannot be used%s%s\n", fault ? ": " : "", fault ? fault : "");
    return EXIT_FAILURE;
}

static void print_money(const char *words, int64_t amount)
{
    char text[MONEY_TEXT_SIZE];
    money_print(amount, text);
    printf("%s%s USD", words, text);
}

static int show(const struct desk *desk)
{
    int64_t waiting, lost, owed;
    const char *fault;
    if (!ledger_works(desk->ledger, &fault, &owed) || !ledger_unlogged(desk->ledger, &waiting, &lost))
        return fail_with(desk);
    printf("ledger: ok, in %s\n", desk->settings->state_dir);
    if (*desk->settings->ledger)
        printf("accounts: in %s, which has not been told of %lld requests of this host\n",
               desk->settings->ledger, (long long)owed);
    printf("records waiting for the usage log: %lld, lost: %lld\n", (long long)waiting, (long long)lost);
    for (size_t i = 0; i < desk->settings->client_count; i++) {
        struct client_account account;
        const char *name = desk->settings->clients[i].name;
        if (!ledger_client(desk->ledger, name, &account))
            return fail_with(desk);
        quota_roll_windows(&account, clock_wall_us() / 1000);
        printf("client %s: ", name);
        print_money("", account.spent_day);
        print_money(" today, ", account.spent_month);
        print_money(" this month, ", account.spent_total);
        printf(" in all; %lld open\n", (long long)account.concurrent);
    }
    return EXIT_SUCCESS;
}

static int show_run(const struct desk *desk, const char *run)
{
    struct run_account account;
    if (!ledger_run(desk->ledger, run, &desk->settings->runs, &account))
        return fail_with(desk);
    fputs("run ", stdout);
    terminal_print(run, stdout);
    print_money(": ", account.spent);
    printf(", %lld inference errors\n", (long long)account.errors);
    return EXIT_SUCCESS;
}

/* What dead processes have left gets its lines first, so that it counts. */
static int rebuild(const struct desk *desk)
{
    struct rebuild_summary summary;
    struct failure why;
    recovery_run(desk->ledger, desk->log);
    if (!ledger_rebuild(desk->ledger, desk->settings->usage_path, desk->log, &summary, &why)) {
        fprintf(stderr, "penstock: %s\n", why.message);
        return EXIT_FAILURE;
    }
    printf("the ledger is made anew: %zu records, ", summary.records);
    print_money("", summary.cost);
    printf(", %zu torn lines\n", summary.torn);
    if (*desk->settings->ledger)
        puts("the accounts in Redis are left as they are: they are those of other hosts as well");
    return EXIT_SUCCESS;
}

static int run_with(const struct desk *desk, const struct options *options)
{
    size_t count = options->operand_count;
    char **operands = options->operands;
    if (count == 0)
        return show(desk);
    if (count == 1 && strcmp(operands[0], "rebuild") == 0)
        return rebuild(desk);
    if (count == 2 && strcmp(operands[0], "run") == 0)
        return show_run(desk, operands[1]);
    return options_refuse(options->syntax, "expected nothing, `rebuild`, or `run ID`");
}

static int run(const struct options *options)
{
    struct settings *settings = settings_load(&options->source, complain, NULL);
    if (!settings)
        return EXIT_FAILURE;
    struct desk desk = {settings, ledger_open(settings), usage_log_open(settings->usage_path)};
    int status = run_with(&desk, options);
    usage_log_close(desk.log);
    ledger_close(desk.ledger);
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
