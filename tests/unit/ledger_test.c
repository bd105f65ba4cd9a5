/* Several exchanges open in one process: each is settled on its own, and recovered on its own if the process
 * dies. */
#include "base/failure.h"
#include "ledger/ledger.h"
#include "ledger/ledger_accounts.h"
#include "ledger/ledger_checkpoint.h"
#include "ledger/ledger_rebuild.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "config/settings_types.h"
#include "ledger/ledger_internal.h"
#include "ledger/ledger_query.h"
#include "ledger/recovery.h"
#include "tests/kit/files.h"
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
    record.facts.duration_us = 1; /* shows when the log was begun */
    buffer_init(&bytes, USAGE_LINE_MAX);
    CU_ASSERT_TRUE(usage_line_put(&bytes, &record));
    struct ledger_outcome outcome = {.reason = FAILURE_NONE};
    struct ledger_line line = {bytes.bytes, bytes.length, usage_log_place(usage_log)};
    if (!ledger_settle(exchange, &record.facts, &outcome, &line))
        usage_log_forget_place(usage_log);
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

/* ---- the log is cut ---- */

static void begin_log(void *nothing)
{
    (void)nothing;
    ledger_checkpoint_write(ledger, usage_log);
}

static void rebuild(void)
{
    struct rebuild_summary summary;
    struct failure why;
    CU_ASSERT_TRUE(ledger_rebuild(ledger, log_path, usage_log, &summary, &why));
}

static void spend(const char *id, int64_t cost)
{
    struct ledger_exchange *exchange = open_exchange(id);
    ledger_rebuild_if_needed(ledger, log_path, usage_log);
    ledger_checkpoint_write_when_due(ledger, usage_log);
    close_exchange(exchange, id, cost);
}

static void empty_log(void)
{
    CU_ASSERT_EQUAL(truncate(log_path, 0), 0);
}

/* 28 USD became 7. */
static void sums_stay_when_the_log_is_emptied(void)
{
    begin_test();
    usage_log_when_begun(usage_log, begin_log, NULL);
    for (int i = 0; i < 21; i++)
        spend("before", 1);
    empty_log();
    for (int i = 0; i < 7; i++)
        spend("after", 1);
    CU_ASSERT_EQUAL(account().spent_total, 28);
    CU_ASSERT_EQUAL(count_in_log("\"id\":"), 7);
    rebuild();
    CU_ASSERT_EQUAL(account().spent_total, 28);
    empty_log();
    rebuild(); /* before anyone has written to it */
    CU_ASSERT_EQUAL(account().spent_total, 28);
    rebuild();
    CU_ASSERT_EQUAL(account().spent_total, 28);
    end_test();
}

#define SPENDERS 3
#define SPENT 4000

/* Spends in a process of its own. */
static void spend_a_lot(int process)
{
    char id[32];
    begin_test();
    usage_log_when_begun(usage_log, begin_log, NULL);
    for (int i = 0; i < SPENT; i++) {
        snprintf(id, sizeof id, "%d-%d", process, i);
        spend(id, 1);
    }
    ledger_close(ledger);
    usage_log_close(usage_log);
    _exit(EXIT_SUCCESS);
}

static bool is_over(pid_t *pids)
{
    bool over = true;
    for (int i = 0; i < SPENDERS; i++) {
        if (pids[i] && waitpid(pids[i], NULL, WNOHANG) == pids[i])
            pids[i] = 0;
        over = over && !pids[i];
    }
    return over;
}

/* The log is read while others write to it, and is rotated meanwhile. */
static void a_ledger_in_use_is_rebuilt(void)
{
    pid_t pids[SPENDERS];
    char rotated[96];
    for (int i = 0; i < SPENDERS; i++)
        if ((pids[i] = fork()) == 0)
            spend_a_lot(i);
    begin_test();
    usage_log_when_begun(usage_log, begin_log, NULL);
    for (int round = 1; !is_over(pids); round++) {
        rebuild();
        snprintf(rotated, sizeof rotated, "%s.%d", log_path, round);
        if (round % 4 == 0)
            rename(log_path, rotated);
    }
    CU_ASSERT_EQUAL(account().spent_total, SPENDERS * SPENT);
    CU_ASSERT_EQUAL(account().concurrent, 0);
    rebuild();
    CU_ASSERT_EQUAL(account().spent_total, SPENDERS * SPENT);
    end_test();
}

/* The line was on its way while the log was emptied, so it is the first one, and no checkpoint is. */
static void sums_stay_when_a_line_comes_first(void)
{
    begin_test();
    usage_log_when_begun(usage_log, begin_log, NULL);
    for (int i = 0; i < 21; i++)
        spend("before", 1);
    struct ledger_exchange *exchange = open_exchange("stray");
    struct record record = {.facts = facts_of("stray"), .status = 200};
    struct buffer bytes;
    record.facts.cost = 1;
    buffer_init(&bytes, USAGE_LINE_MAX);
    CU_ASSERT_TRUE(usage_line_put(&bytes, &record));
    struct ledger_line line = {bytes.bytes, bytes.length, usage_log_place(usage_log)};
    CU_ASSERT_TRUE(ledger_settle(exchange, &record.facts, &(struct ledger_outcome){0}, &line));
    empty_log();
    ledger_end(exchange, usage_log_append(usage_log, bytes.bytes, bytes.length));
    buffer_free(&bytes);
    CU_ASSERT_EQUAL(count_in_log("balance"), 0);
    for (int i = 0; i < 6; i++)
        spend("after", 1);
    CU_ASSERT_EQUAL(count_in_log("{\"balance\""), 1);
    rebuild();
    CU_ASSERT_EQUAL(account().spent_total, 28);
    end_test();
}

/* Another process begins the new log before the exchange is settled, but after its line was placed. */
static void a_line_is_not_written_before_the_checkpoint_that_lacks_it(void)
{
    char rotated[80];
    snprintf(rotated, sizeof rotated, "%s.1", log_path);
    begin_test();
    for (int i = 0; i < 3; i++)
        spend("before", 1);
    struct ledger_exchange *exchange = open_exchange("placed");
    struct record record = {.facts = facts_of("placed"), .status = 200};
    struct buffer bytes;
    record.facts.cost = 1;
    buffer_init(&bytes, USAGE_LINE_MAX);
    CU_ASSERT_TRUE(usage_line_put(&bytes, &record));
    struct ledger_line line = {bytes.bytes, bytes.length, usage_log_place(usage_log)};
    usleep(5000); /* the checkpoint has milliseconds */
    CU_ASSERT_EQUAL(rename(log_path, rotated), 0);
    struct usage_log *other = usage_log_open(log_path);
    (void)usage_log_place(other);
    ledger_checkpoint_write(ledger, other);
    if (!ledger_settle(exchange, &record.facts, &(struct ledger_outcome){0}, &line))
        usage_log_forget_place(usage_log);
    ledger_end(exchange, usage_log_append(usage_log, bytes.bytes, bytes.length));
    buffer_free(&bytes);
    CU_ASSERT_EQUAL(count_in_log("\"id\":\"placed\""), 1);
    CU_ASSERT_EQUAL(account().spent_total, 4);
    rebuild();
    CU_ASSERT_EQUAL(account().spent_total, 4);
    usage_log_close(other);
    end_test();
}

/* A file of another process, which opens the log for the first time, as each CGI program does. */
static void sums_stay_for_programs_that_never_saw_the_old_log(void)
{
    for (int i = 0; i < 4; i++) {
        begin_test();
        usage_log_when_begun(usage_log, begin_log, NULL);
        spend("one", 7);
        ledger_close(ledger);
        usage_log_close(usage_log);
        if (i == 2)
            empty_log();
    }
    begin_test();
    rebuild();
    CU_ASSERT_EQUAL(account().spent_total, 28);
    end_test();
}

/* ---- many requests with one id ---- */

#define SHARED 20

static void requests_that_share_an_id_have_a_record_each(void)
{
    pid_t child = fork();
    int status;
    if (child == 0) {
        struct ledger_exchange *exchanges[SHARED];
        char ids[SHARED][16];
        settings.runs.max_cost = 0;
        begin_test();
        for (int i = 0; i < SHARED; i++) {
            snprintf(ids[i], sizeof ids[i], "id-%d", i);
            struct exchange_facts facts = facts_of(ids[i]);
            struct usage_log_position place = usage_log_since(usage_log);
            facts.wall_us = 1800000000000000;
            exchanges[i] = ledger_begin(ledger, &facts, &place);
        }
        close_exchange(exchanges[3], ids[3], 50);
        _exit(0);
    }
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    begin_test();
    recovery_run(ledger, usage_log);
    recovery_run(ledger, usage_log);
    CU_ASSERT_EQUAL(count_in_log("\"request_id\":\"shared by all\""), SHARED);
    CU_ASSERT_EQUAL(count_in_log("\"end\":\"crashed\""), SHARED - 1);
    CU_ASSERT_EQUAL(account().spent_total, 50);
    rebuild();
    CU_ASSERT_EQUAL(account().spent_total, 50);
    end_test();
}

/* As in a container that is started again: the dead process cannot be seen. */
static void the_dead_of_another_container_are_recovered(void)
{
    int status, ready[2], end[2];
    char byte;
    if (geteuid() != 0 || pipe(ready) != 0 || pipe(end) != 0)
        return; /* only root makes a namespace */
    pid_t child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWPID) != 0)
            _exit(77);
        pid_t first = fork();
        if (first == 0) {
            begin_test();
            (void)!open_exchange("inside");
            (void)!write(ready[1], "", 1);
            (void)!read(end[0], &byte, 1);
            _exit(0);
        }
        _exit(waitpid(first, &status, 0) == first ? 0 : 1);
    }
    close(ready[1]);
    bool began = read(ready[0], &byte, 1) == 1;
    begin_test();
    recovery_run(ledger, usage_log);
    CU_ASSERT_EQUAL(count_in_log("\"end\":\"crashed\""), 0); /* it lives */
    (void)!write(end[1], "", 1);
    waitpid(child, &status, 0);
    recovery_run(ledger, usage_log);
    if (began)
        CU_ASSERT_EQUAL(count_in_log("\"end\":\"crashed\""), 1);
    close(ready[0]);
    close(end[0]);
    close(end[1]);
    end_test();
}

/* ---- runs ---- */

static void runs_expire(void)
{
    begin_test();
    struct run_account run;
    const struct run_limits limits = {.expire_ms = 1000};
    settings.runs = limits;
    struct exchange_facts facts = facts_of("run");
    facts.run_id = "old";
    struct usage_log_position place = usage_log_since(usage_log);
    struct ledger_exchange *exchange = ledger_begin(ledger, &facts, &place);
    struct ledger_demand demand = {.run_limits = limits, .completion_max = 1};
    struct quota_status quota_status;
    ledger_reserve(exchange, &facts, &demand, &quota_status);
    facts.cost = 70;
    struct ledger_line line = {"{}\n", 3, usage_log_place(usage_log)};
    (void)ledger_settle(exchange, &facts, &(struct ledger_outcome){0}, &line);
    ledger_end(exchange, usage_log_append(usage_log, "{}\n", 3));
    CU_ASSERT_TRUE(ledger_run(ledger, "old", &limits, &run));
    CU_ASSERT_EQUAL(run.spent, 70);
    ledger_runs_forget(ledger);
    CU_ASSERT_TRUE(ledger_run(ledger, "old", &(struct run_limits){0}, &run));
    CU_ASSERT_EQUAL(run.spent, 70);
    usleep(1100000);
    CU_ASSERT_TRUE(ledger_run(ledger, "old", &limits, &run));
    CU_ASSERT_EQUAL(run.spent, 0);
    ledger_runs_forget(ledger);
    CU_ASSERT_TRUE(ledger_run(ledger, "old", &(struct run_limits){0}, &run));
    CU_ASSERT_EQUAL(run.spent, 0); /* not even without a limit */
    settings.runs = (struct run_limits){0};
    end_test();
}

/* ---- looking ---- */

static void looking_makes_nothing(void)
{
    char missing[] = "/tmp/ledger-test-nowhere";
    struct settings nowhere = {.state_dir = missing};
    struct client_account there;
    size_t files = folder_count(folder, "");
    struct ledger *reader = ledger_open_to_read(&settings), *lost = ledger_open_to_read(&nowhere);
    CU_ASSERT_TRUE(ledger_is_absent(reader));
    CU_ASSERT_TRUE(ledger_is_absent(lost));
    CU_ASSERT_TRUE(ledger_client(reader, "anna", &there));
    CU_ASSERT_EQUAL(there.spent_total, 0);
    ledger_close(reader);
    ledger_close(lost);
    CU_ASSERT_EQUAL(folder_count(folder, ""), files);
    CU_ASSERT_NOT_EQUAL(access("/tmp/ledger-test-nowhere", F_OK), 0);
    begin_test();
    close_exchange(open_exchange("one"), "one", 12);
    ledger_close(ledger);
    reader = ledger_open_to_read(&settings);
    CU_ASSERT_FALSE(ledger_is_absent(reader));
    CU_ASSERT_TRUE(ledger_client(reader, "anna", &there));
    CU_ASSERT_EQUAL(there.spent_total, 12);
    ledger_close(reader);
    char lock[128];
    snprintf(lock, sizeof lock, "%s/ledger.mdb-lock", folder);
    unlink(lock); /* as in a copy of the folder on a medium that cannot be written */
    files = folder_count(folder, "");
    reader = ledger_open_to_read(&settings);
    CU_ASSERT_TRUE(ledger_client(reader, "anna", &there));
    CU_ASSERT_EQUAL(there.spent_total, 12);
    ledger_close(reader);
    CU_ASSERT_EQUAL(folder_count(folder, ""), files);
    ledger = ledger_open(&settings);
    end_test();
}

#define OPENERS 3
#define OPENED 600

/* True if the ledger could be used each time. */
static bool open_and_close(void)
{
    struct client_account there;
    bool good = true;
    for (int i = 0; i < OPENED && good; i++) {
        struct ledger *own = ledger_open(&settings);
        good = ledger_client(own, "anna", &there) && !ledger_fault(own);
        ledger_close(own);
    }
    return good;
}

/* The last process to close the ledger meets the next one to open it, time and again. LMDB 0.9.31 destroys
 * its mutexes then. */
static void the_ledger_is_closed_while_it_is_opened(void)
{
    pid_t pids[OPENERS];
    int status;
    for (int i = 0; i < OPENERS; i++)
        if ((pids[i] = fork()) == 0)
            _exit(open_and_close() ? EXIT_SUCCESS : EXIT_FAILURE);
    for (int i = 0; i < OPENERS; i++) {
        CU_ASSERT_EQUAL(waitpid(pids[i], &status, 0), pids[i]);
        CU_ASSERT_EQUAL(status, 0);
    }
    begin_test();
    end_test();
}

/* ---- what requests do not show ---- */

static int64_t completion = 1; /* tokens of each answer */

/* Reserves and settles an exchange whose provider has counted this prompt, if any. Returns the money that
 * was reserved, a billionth for each token of the prompt. */
static int64_t reserve_prompt(const struct ledger_demand *demand, int64_t prompt, int64_t *reckoned)
{
    struct exchange_facts facts = facts_of("x");
    struct usage_log_position place = usage_log_since(usage_log);
    struct quota_status quota_status;
    struct ledger_exchange *exchange = ledger_begin(ledger, &facts, &place);
    CU_ASSERT_EQUAL(ledger_reserve(exchange, &facts, demand, &quota_status), QUOTA_GRANTED);
    int64_t reserved = account().reserved;
    *reckoned = ledger_reckoned_tokens(exchange);
    struct ledger_outcome outcome = {.reason = FAILURE_NONE};
    struct ledger_line line = {"{}\n", 3, usage_log_place(usage_log)};
    facts.usage = (struct token_usage){
        .source = prompt ? USAGE_PROVIDER : USAGE_NONE, .prompt = prompt, .completion = completion};
    ledger_settle(exchange, &facts, &outcome, &line);
    ledger_end(exchange, true);
    return reserved;
}

static void what_a_model_has_had_is_reckoned(void)
{
    struct ledger_demand picture = {.client_limits = {.usd_total = INT64_MAX},
                                    .prompt_tokens = 25,
                                    .plain_tokens = 10,
                                    .prompt_token_cost = 1,
                                    .attachments = 2,
                                    .attachment_tokens = 50},
                         earlier = {.client_limits = {.usd_total = INT64_MAX},
                                    .prompt_token_cost = 1,
                                    .hidden_tokens = 900};
    int64_t reckoned;
    begin_test();
    CU_ASSERT_EQUAL(reserve_prompt(&picture, 30, &reckoned), 100);
    CU_ASSERT_EQUAL(reckoned, 100);
    CU_ASSERT_EQUAL(reserve_prompt(&picture, 410, &reckoned),
                    100);          /* a small one is no reason to reserve less */
    CU_ASSERT_EQUAL(reckoned, 20); /* but to estimate less */
    CU_ASSERT_EQUAL(reserve_prompt(&picture, 0, &reckoned), 400);
    CU_ASSERT_EQUAL(reserve_prompt(&picture, 12, &reckoned), 400);
    CU_ASSERT_EQUAL(reckoned, 400);
    CU_ASSERT_EQUAL(reserve_prompt(&earlier, 30, &reckoned), 900);
    CU_ASSERT_EQUAL(reserve_prompt(&earlier, 70, &reckoned), 30);
    CU_ASSERT_EQUAL(reserve_prompt(&earlier, 0, &reckoned), 70);
    end_test();
}

/* A client decides how long its next answer is: short ones before say little about it. */
static void a_few_short_answers_say_little(void)
{
    struct ledger_demand open = {
        .client_limits = {.usd_total = INT64_MAX}, .completion_cost = 1, .completion_max = -1};
    int64_t reckoned;
    begin_test();
    CU_ASSERT_EQUAL(reserve_prompt(&open, 1, &reckoned), 32768);
    CU_ASSERT_EQUAL(reserve_prompt(&open, 1, &reckoned), 32768 - 1024);
    for (int i = 0; i < 200; i++)
        reserve_prompt(&open, 1, &reckoned);
    CU_ASSERT_EQUAL(reserve_prompt(&open, 1, &reckoned), 4096);
    end_test();
}

/* Some models think beyond the bound of the request. */
static void answers_beyond_their_bound_are_reckoned(void)
{
    struct ledger_demand bounded = {
        .client_limits = {.usd_total = INT64_MAX}, .completion_cost = 1, .completion_max = 10};
    int64_t reckoned;
    begin_test();
    completion = 10;
    CU_ASSERT_EQUAL(reserve_prompt(&bounded, 1, &reckoned), 10);
    completion = 500;
    CU_ASSERT_EQUAL(reserve_prompt(&bounded, 1, &reckoned), 10);
    completion = 1;
    CU_ASSERT_EQUAL(reserve_prompt(&bounded, 1, &reckoned), 500);
    end_test();
}

/* A ledger of another version is made anew from the usage log. */
static void accounts_of_another_form_are_rebuilt(void)
{
    begin_test();
    close_exchange(open_exchange("a"), "a", 40);
    ledger_rebuild_if_needed(ledger, log_path, usage_log);
    CU_ASSERT_TRUE_FATAL(ledger_txn_begin(ledger));
    struct ledger_meta meta = ledger_load_meta(ledger);
    CU_ASSERT_TRUE(ledger_is_sound(ledger, &meta));
    meta.layout++;
    ledger_store_meta(ledger, &meta);
    CU_ASSERT_TRUE(ledger_txn_commit(ledger));
    struct ledger_exchange *next = open_exchange("b");
    ledger_rebuild_if_needed(ledger, log_path, usage_log);
    CU_ASSERT_EQUAL(account().spent_total, 40);
    CU_ASSERT_EQUAL(account().reserved, 100);
    close_exchange(next, "b", 2);
    CU_ASSERT_EQUAL(account().spent_total, 42);
    end_test();
}

static enum quota_verdict request_from(const char *address)
{
    struct exchange_facts facts = facts_of("x");
    struct usage_log_position place = usage_log_since(usage_log);
    struct quota_status quota_status;
    struct ledger_demand demand = {.address = address, .client_limits = {.requests_per_day = 1}};
    facts.client = NULL;
    struct ledger_exchange *exchange = ledger_begin(ledger, &facts, &place);
    enum quota_verdict verdict = ledger_reserve(exchange, &facts, &demand, &quota_status);
    struct ledger_outcome outcome = {.reason = FAILURE_NONE};
    struct ledger_line line = {"{}\n", 3, usage_log_place(usage_log)};
    ledger_settle(exchange, &facts, &outcome, &line);
    ledger_end(exchange, true);
    return verdict;
}

static void an_address_is_counted_beside_the_clients(void)
{
    begin_test();
    CU_ASSERT_EQUAL(request_from("anna"), QUOTA_GRANTED);
    CU_ASSERT_EQUAL(request_from("anna"), QUOTA_DAY_REQUESTS);
    CU_ASSERT_EQUAL(request_from("192.0.2.1"), QUOTA_GRANTED);
    CU_ASSERT_EQUAL(account().requests_day, 0);
    CU_ASSERT_EQUAL(account().concurrent, 0);
    end_test();
}

static const struct unit_test tests[] = {
    {"a ledger in use is rebuilt", a_ledger_in_use_is_rebuilt},
    {"sums stay when the log is emptied", sums_stay_when_the_log_is_emptied},
    {"sums stay when a line comes first", sums_stay_when_a_line_comes_first},
    {"a line is not written before the checkpoint that lacks it",
     a_line_is_not_written_before_the_checkpoint_that_lacks_it},
    {"sums stay for programs that never saw the old log", sums_stay_for_programs_that_never_saw_the_old_log},
    {"requests that share an id have a record each", requests_that_share_an_id_have_a_record_each},
    {"the dead of another container are recovered", the_dead_of_another_container_are_recovered},
    {"runs expire", runs_expire},
    {"looking makes nothing", looking_makes_nothing},
    {"the ledger is closed while it is opened", the_ledger_is_closed_while_it_is_opened},
    {"exchanges of one process end in any order", exchanges_end_in_any_order},
    {"a limit counts all open exchanges of a process", limit_counts_all_of_them},
    {"all exchanges of a dead process are recovered", all_of_a_dead_process_are_recovered},
    {"what a model has had is reckoned", what_a_model_has_had_is_reckoned},
    {"answers beyond their bound are reckoned", answers_beyond_their_bound_are_reckoned},
    {"a few short answers say little", a_few_short_answers_say_little},
    {"accounts of another form are rebuilt", accounts_of_another_form_are_rebuilt},
    {"an address is counted beside the clients", an_address_is_counted_beside_the_clients},
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
