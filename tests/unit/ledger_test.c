/* Several exchanges open in one process: each is settled on its own, and recovered on its own if the process
 * dies. */
#include "ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "config/settings_types.h"
#include "ledger/ledger_query.h"
#include "ledger/recovery.h"
#include "unit.h"
#include "usage/exchange_facts.h"
#include "usage/price.h"
#include "usage/usage_line.h"
#include "usage/usage_log.h"

static char folder[] = "/tmp/ledger-test-XXXXXX", log_path[64];
static struct settings settings = {.state_dir = folder};
static struct ledger *ledger;
static struct usage_log *usage_log;

static void begin_test(void)
{
    ledger = ledger_open(&settings);
    usage_log = usage_log_open(log_path);
}

static void end_test(void)
{
    char command[128];
    ledger_close(ledger);
    usage_log_close(usage_log);
    snprintf(command, sizeof command, "rm -rf '%s' && mkdir '%s'", folder, folder);
    if (system(command) != 0)
        abort();
}

static struct exchange_facts facts_of(const char *id)
{
    return (struct exchange_facts){.wall_us = clock_wall_us(),
                                   .duration_us = -1,
                                   .id = id,
                                   .request_id = "shared by all",
                                   .client = "anna",
                                   .provider = "p",
                                   .model = "m",
                                   .usage = token_usage_unknown(),
                                   .cost = COST_UNKNOWN};
}

static struct ledger_exchange *open_exchange(const char *id)
{
    struct exchange_facts facts = facts_of(id);
    struct usage_log_position place = usage_log_since(usage_log);
    struct ledger_demand demand = {
        .client_limits = {.concurrent = 3}, .prompt_cost = 10, .completion_cost = 1, .completion_max = 90};
    struct quota_status quota_status;
    struct ledger_exchange *exchange = ledger_begin(ledger, &facts, &place);
    ledger_reserve(exchange, &facts, &demand, &quota_status);
    return exchange;
}

static void close_exchange(struct ledger_exchange *exchange, const char *id, int64_t cost)
{
    struct record record = {.facts = facts_of(id), .status = 200};
    struct buffer bytes;
    record.facts.cost = cost;
    buffer_init(&bytes, USAGE_LINE_MAX);
    CU_ASSERT_TRUE(usage_line_put(&bytes, &record));
    struct ledger_outcome outcome = {.reason = FAILURE_NONE};
    struct ledger_line line = {bytes.bytes, bytes.length, usage_log_place(usage_log)};
    ledger_settle(exchange, &record.facts, &outcome, &line);
    ledger_end(exchange, usage_log_append(usage_log, bytes.bytes, bytes.length));
    buffer_free(&bytes);
}

static struct client_account account(void)
{
    struct client_account account;
    CU_ASSERT_TRUE_FATAL(ledger_client(ledger, "anna", &account));
    return account;
}

static size_t count_in_log(const char *text)
{
    static char bytes[65536];
    FILE *file = fopen(log_path, "r");
    size_t count = 0;
    if (!file)
        return 0;
    bytes[fread(bytes, 1, sizeof bytes - 1, file)] = '\0';
    fclose(file);
    for (const char *at = bytes; (at = strstr(at, text)); at++)
        count++;
    return count;
}

static void exchanges_end_in_any_order(void)
{
    begin_test();
    struct ledger_exchange *first = open_exchange("a"), *second = open_exchange("b");
    CU_ASSERT_EQUAL(account().concurrent, 2);
    CU_ASSERT_EQUAL(account().reserved, 200);
    close_exchange(first, "a", 40);
    CU_ASSERT_EQUAL(account().concurrent, 1);
    CU_ASSERT_EQUAL(account().reserved, 100);
    struct ledger_exchange *third = open_exchange("c"); /* in the first one's slot */
    close_exchange(third, "c", 30);
    close_exchange(second, "b", 20);
    CU_ASSERT_EQUAL(account().concurrent, 0);
    CU_ASSERT_EQUAL(account().reserved, 0);
    CU_ASSERT_EQUAL(account().spent_total, 90);
    CU_ASSERT_EQUAL(count_in_log("\"request_id\""), 3);
    end_test();
}

static void limit_counts_all_of_them(void)
{
    begin_test();
    struct ledger_exchange *open[3];
    for (int i = 0; i < 3; i++)
        open[i] = open_exchange("a");
    struct exchange_facts facts = facts_of("d");
    struct usage_log_position place = usage_log_since(usage_log);
    struct ledger_demand demand = {.client_limits = {.concurrent = 3}, .completion_max = 0};
    struct quota_status quota_status;
    struct ledger_exchange *refused = ledger_begin(ledger, &facts, &place);
    CU_ASSERT_EQUAL(ledger_reserve(refused, &facts, &demand, &quota_status), QUOTA_CONCURRENT);
    close_exchange(refused, "d", COST_UNKNOWN);
    CU_ASSERT_EQUAL(account().concurrent, 3);
    for (int i = 0; i < 3; i++)
        close_exchange(open[i], "a", 1);
    CU_ASSERT_EQUAL(account().concurrent, 0);
    end_test();
}

/* One of them has ended before, and one is at its reservation: it may have been billed. */
static void all_of_a_dead_process_are_recovered(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        begin_test();
        struct ledger_exchange *ended = open_exchange("ended");
        struct usage_log_position place = usage_log_since(usage_log);
        struct exchange_facts facts = facts_of("begun");
        struct ledger_exchange *begun = ledger_begin(ledger, &facts, &place);
        struct ledger_exchange *reserved = open_exchange("reserved");
        close_exchange(ended, "ended", 40);
        _exit(begun && reserved ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    begin_test();
    recovery_run(ledger, usage_log);
    recovery_run(ledger, usage_log);
    CU_ASSERT_EQUAL(count_in_log("\"request_id\""), 3);
    CU_ASSERT_EQUAL(count_in_log("\"id\":\"ended\""), 1);
    CU_ASSERT_EQUAL(count_in_log("\"end\":\"crashed\""), 2);
    CU_ASSERT_EQUAL(account().concurrent, 0);
    CU_ASSERT_EQUAL(account().reserved, 0);
    CU_ASSERT_EQUAL(account().spent_total, 140);
    end_test();
}

static const struct unit_test tests[] = {
    {"exchanges of one process end in any order", exchanges_end_in_any_order},
    {"a limit counts all open exchanges of a process", limit_counts_all_of_them},
    {"all exchanges of a dead process are recovered", all_of_a_dead_process_are_recovered},
};

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    snprintf(log_path, sizeof log_path, "%s/usage.jsonl", folder);
    int status = unit_run("ledger", tests, sizeof tests / sizeof *tests);
    rmdir(folder);
    return status;
}
