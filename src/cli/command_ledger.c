/* `penstock ledger`: shows the accounts, rebuilds them, or lifts breakers and cool-downs.
 *
 *     penstock ledger                              the state of the ledger and the accounts of all clients
 *     penstock ledger run ID                       the account of one run
 *     penstock ledger rebuild                      rebuilds all accounts from the usage log
 *     penstock ledger forget [PROVIDER[:MODEL]]    lifts breakers and cool-downs */
#include "cli/commands.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/failure.h"
#include "base/money.h"
#include "cli/options.h"
#include "cli/tty.h"
#include "config/settings.h"
#include "format/json_write.h"
#include "ledger/health_list.h"
#include "ledger/ledger.h"
#include "ledger/ledger_query.h"
#include "ledger/ledger_rebuild.h"
#include "ledger/ledger_series.h"
#include "ledger/quota.h"
#include "ledger/recovery.h"
#include "process/daemon.h"
#include "usage/usage_log.h"

#define JSON_MAX (64 * 1024 * 1024)
#define SECOND_US 1000000

struct session {
    const struct settings *settings;
    struct ledger *ledger;
    struct usage_log *log;
    bool json; /* print one JSON object */
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

static void put_money(struct json_writer *writer, const char *name, int64_t amount)
{
    char text[MONEY_TEXT_SIZE];
    money_print(amount, text);
    json_put_raw(writer, name, text, strlen(text));
}

/* Ends the object and prints it. */
static int print_json(struct json_writer *writer)
{
    struct buffer *out = writer->buffer;
    json_write_end(writer);
    if (writer->ok)
        printf("%.*s\n", (int)out->length, out->bytes);
    else
        fputs("penstock: the output is too long\n", stderr);
    buffer_free(out);
    return writer->ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* ---- breakers and cool-downs ---- */

/* Seconds until the next request is let through, rounded up. */
static long long seconds_left(const struct health_item *item)
{
    return (item->left_us + SECOND_US - 1) / SECOND_US;
}

static const char *kind_of(const struct health_item *item)
{
    return item->kind == HEALTH_COOLDOWN ? "cool-down" : "breaker";
}

static void print_item(const struct health_item *item)
{
    tty_print(item->provider, stdout);
    if (item->kind != HEALTH_PROVIDER) {
        putchar(':');
        tty_print(item->model, stdout);
    }
}

/* Prints a line, or an element of the list that is being written. */
struct health_printer {
    struct json_writer *writer; /* NULL: lines */
    bool forgotten;
    size_t count;
};

static void print_health(void *context, const struct health_item *item)
{
    struct health_printer *printer = context;
    if (!item->open)
        return;
    if (printer->writer) {
        struct json_writer *writer = printer->writer;
        writer->ok = (!printer->count || buffer_append(writer->buffer, ",", 1)) && writer->ok;
        struct json_writer inner = json_write_object(writer);
        json_put_string(&inner, "kind", kind_of(item));
        json_put_string(&inner, "provider", item->provider);
        json_put_string(&inner, "model", item->kind == HEALTH_PROVIDER ? NULL : item->model);
        json_put_count(&inner, "seconds_left", seconds_left(item));
        json_write_end(&inner);
    } else {
        printf(printer->forgotten ? "lifted: %s of " : "%s of ", kind_of(item));
        print_item(item);
        printf(printer->forgotten ? "\n" : ": another %lld s\n", seconds_left(item));
    }
    printer->count++;
}

/* Calls `list` with a printer of the list `name`, or of lines if `writer` is NULL. */
static bool print_health_list(const struct session *session, struct json_writer *writer, const char *name)
{
    struct health_printer printer = {.writer = writer};
    if (writer) {
        json_put_name(writer, name);
        writer->ok = buffer_append(writer->buffer, "[", 1) && writer->ok;
    }
    bool known = health_list(session->ledger, &session->settings->breaker, print_health, &printer);
    if (writer)
        writer->ok = buffer_append(writer->buffer, "]", 1) && writer->ok;
    return known;
}

/* Splits PROVIDER:MODEL in place. */
static int forget(const struct session *session, char *what)
{
    struct buffer out;
    char *model = what ? strchr(what, ':') : NULL;
    if (model)
        *model++ = '\0';
    if (what && !settings_provider(session->settings, what, strlen(what))) {
        fprintf(stderr, "penstock: no provider \"%.100s\" is configured\n", what);
        return EXIT_FAILURE;
    }
    buffer_init(&out, JSON_MAX);
    struct json_writer writer = json_write_begin(&out);
    struct health_printer printer = {.writer = session->json ? &writer : NULL, .forgotten = true};
    json_put_name(&writer, "lifted");
    writer.ok = buffer_append(&out, "[", 1) && writer.ok;
    bool known = health_forget(session->ledger, &session->settings->breaker, what, model, print_health,
                               &printer);
    writer.ok = buffer_append(&out, "]", 1) && writer.ok;
    if (known && session->json)
        return print_json(&writer);
    buffer_free(&out);
    if (!known)
        return report_fault(session);
    if (!printer.count)
        puts("nothing to lift: no breaker is open and nothing cools down");
    return EXIT_SUCCESS;
}

/* ---- requests without a price ---- */

struct unpriced_requests {
    const char *client;
    int64_t count;
};

static bool take_series(void *context, const struct series_key *key, const struct series *series)
{
    struct unpriced_requests *unpriced = context;
    if (key->hour == SERIES_TOTALS && strcmp(key->client, unpriced->client) == 0)
        unpriced->count += series->unpriced;
    return key->hour == SERIES_TOTALS;
}

/* Counts the client's requests whose price is not known. */
static bool count_unpriced(const struct session *session, const char *client, int64_t *count)
{
    struct unpriced_requests unpriced = {.client = client};
    bool known = ledger_series_walk(session->ledger, SERIES_TOTALS, take_series, &unpriced);
    *count = unpriced.count;
    return known;
}

/* A sum of 0 is unknown if there were requests without a price. */
static void print_spent(const char *words, int64_t amount, int64_t unpriced)
{
    if (amount || !unpriced)
        print_money(words, amount);
    else
        printf("%sunknown", words);
}

static void put_spent(struct json_writer *writer, const char *name, int64_t amount, int64_t unpriced)
{
    if (amount || !unpriced)
        put_money(writer, name, amount);
    else
        json_put_string(writer, name, NULL);
}

/* ---- accounts ---- */

static void put_client(struct json_writer *parent, const char *name, const struct client_account *account,
                       int64_t unpriced, bool first)
{
    parent->ok = (first || buffer_append(parent->buffer, ",", 1)) && parent->ok;
    struct json_writer writer = json_write_object(parent);
    json_put_string(&writer, "client", name);
    put_spent(&writer, "usd_today", account->spent_day, unpriced);
    put_spent(&writer, "usd_this_month", account->spent_month, unpriced);
    put_spent(&writer, "usd_total", account->spent_total, unpriced);
    json_put_count(&writer, "open", account->concurrent);
    json_put_count(&writer, "requests_without_price", unpriced);
    json_write_end(&writer);
}

static void print_client(const char *name, const struct client_account *account, int64_t unpriced)
{
    printf("client %s: ", name);
    print_spent("", account->spent_day, unpriced);
    print_spent(" today, ", account->spent_month, unpriced);
    print_spent(" this month, ", account->spent_total, unpriced);
    printf(" in total; %lld open\n", (long long)account->concurrent);
    if (unpriced)
        printf("client %s: the price of %lld requests is not known\n", name, (long long)unpriced);
}

/* Prints the accounts of all clients as lines, or as the list "clients". */
static bool print_clients(const struct session *session, struct json_writer *writer)
{
    const struct settings *settings = session->settings;
    for (size_t i = 0; i < settings->client_count; i++) {
        struct client_account account;
        int64_t unpriced;
        const char *name = settings->clients[i].name;
        if (!ledger_client(session->ledger, name, &account) || !count_unpriced(session, name, &unpriced))
            return false;
        quota_roll_windows(&account, clock_wall_us() / 1000);
        if (writer)
            put_client(writer, name, &account, unpriced, i == 0);
        else
            print_client(name, &account, unpriced);
    }
    return true;
}

static int show_json(const struct session *session, int64_t waiting, int64_t lost, int64_t owed)
{
    const struct settings *settings = session->settings;
    struct buffer out;
    buffer_init(&out, JSON_MAX);
    struct json_writer writer = json_write_begin(&out);
    json_put_string(&writer, "state_dir", settings->state_dir);
    json_put_string(&writer, "redis", *settings->ledger ? settings->ledger : NULL);
    json_put_count(&writer, "unreported", owed);
    json_put_count(&writer, "records_waiting", waiting);
    json_put_count(&writer, "records_lost", lost);
    json_put_name(&writer, "clients");
    writer.ok = buffer_append(&out, "[", 1) && writer.ok;
    bool known = print_clients(session, &writer);
    writer.ok = buffer_append(&out, "]", 1) && writer.ok;
    known = known && print_health_list(session, &writer, "unavailable");
    if (known)
        return print_json(&writer);
    buffer_free(&out);
    return report_fault(session);
}

static int show(const struct session *session)
{
    int64_t waiting, lost, owed;
    const char *fault;
    if (!ledger_works(session->ledger, &fault, &owed) || !ledger_unlogged(session->ledger, &waiting, &lost))
        return report_fault(session);
    if (session->json)
        return show_json(session, waiting, lost, owed);
    printf("ledger: %s, in %s\n", ledger_is_absent(session->ledger) ? "not made yet" : "ok",
           session->settings->state_dir);
    if (*session->settings->ledger)
        printf("accounts: in %s; %lld requests of this host not yet reported to it\n",
               session->settings->ledger, (long long)owed);
    printf("records waiting for the usage log: %lld, lost: %lld\n", (long long)waiting, (long long)lost);
    bool known = print_clients(session, NULL) && print_health_list(session, NULL, NULL);
    return known ? EXIT_SUCCESS : report_fault(session);
}

static int show_run(const struct session *session, const char *run)
{
    struct run_account account;
    struct buffer out;
    if (!ledger_run(session->ledger, run, &session->settings->runs, &account))
        return report_fault(session);
    if (session->json) {
        buffer_init(&out, JSON_MAX);
        struct json_writer writer = json_write_begin(&out);
        json_put_string(&writer, "run_id", run);
        put_money(&writer, "cost_usd", account.spent);
        json_put_count(&writer, "errors", account.errors);
        return print_json(&writer);
    }
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
    if (session->json) {
        struct buffer out;
        buffer_init(&out, JSON_MAX);
        struct json_writer writer = json_write_begin(&out);
        json_put_count(&writer, "records", (int64_t)summary.records);
        put_money(&writer, "cost_usd", summary.cost);
        json_put_count(&writer, "torn_lines", (int64_t)summary.torn);
        return print_json(&writer);
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
    if ((count == 1 || count == 2) && strcmp(operands[0], "forget") == 0)
        return forget(session, count == 2 ? operands[1] : NULL);
    return options_refuse(options->syntax, "expected nothing, `rebuild`, `run ID`, or `forget`");
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
                              usage_log_open(settings->usage_path), options_has(options, "json")};
    int status = run_with(&session, options);
    usage_log_close(session.log);
    ledger_close(session.ledger);
    settings_free(settings);
    return status;
}

int command_ledger(int argc, char **argv)
{
    static const struct option_row rows[] = {{"json", NULL, "print one JSON object"}, {0}};
    static const struct command_syntax syntax = {
        .name = "penstock ledger",
        .operands = "[rebuild | run ID | forget [PROVIDER[:MODEL]]]",
        .description = "Shows the state of the ledger and the accounts of all clients.\n\n"
                       "  run ID     show the account of one run instead\n"
                       "  rebuild    rebuild all accounts from the usage log\n"
                       "  forget     close the breakers and end the cool-downs of this host: all, those of\n"
                       "             a provider, or those of one of its models\n",
        .options = rows,
    };
    return options_run(&syntax, argc, argv, run);
}
