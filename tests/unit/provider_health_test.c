/* What the processes of a host know together of a provider, in a ledger that they share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error_log.h"
#include "base/failure.h"
#include "config/settings_types.h"
#include "ledger/health_list.h"
#include "ledger/ledger.h"
#include "ledger/ledger_query.h"
#include "ledger/provider_health.h"
#include "unit.h"

#define PROCESSES 16
#define SECOND ((int64_t)1000000)

static const struct breaker_settings rules = {.failures = 3, .open_for_ms = 60000, .longest_ms = 900000};
static char folder[] = "/tmp/penstock-health-XXXXXX";
static struct settings settings = {.ledger = (char *)"", .state_dir = folder};

static void begin(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s/*", folder);
    if (system(command) != 0)
        abort();
}

/* A process opens a ledger once: the parts of a test share it. A child opens one of its own. */
static struct ledger *own_ledger;
static pid_t owner;
static int users;

static struct ledger *open_ledger(void)
{
    if (owner != getpid() || !users) {
        own_ledger = ledger_open(&settings);
        owner = getpid();
        users = 0;
    }
    users++;
    return own_ledger;
}

static void close_ledger(struct ledger *ledger)
{
    if (ledger != own_ledger || --users == 0)
        ledger_close(ledger);
}

static struct provider_health condition_of(const char *model, bool own_key)
{
    return (struct provider_health){.ledger = open_ledger(),
                                    .rules = &rules,
                                    .provider = "p",
                                    .base_url = "http://p/v1",
                                    .model = model,
                                    .key = own_key ? 1 : 2,
                                    .own_key = own_key};
}

/* Runs `work` in processes of their own at the same time; in how many it was true. */
static int in_processes(int count, bool (*work)(struct provider_health *health))
{
    pid_t pids[PROCESSES];
    int good = 0, status, start[2];
    fflush(stdout);
    CU_ASSERT_EQUAL_FATAL(pipe(start), 0);
    for (int i = 0; i < count; i++)
        if ((pids[i] = fork()) == 0) {
            char all;
            close(start[1]);
            struct provider_health health = condition_of("m", true);
            ssize_t end = read(start[0], &all, 1); /* its end: now */
            _exit(end != 0 || !work(&health));
        }
    close(start[0]);
    close(start[1]);
    for (int i = 0; i < count; i++)
        good += waitpid(pids[i], &status, 0) == pids[i] && status == 0;
    return good;
}

static bool is_allowed(struct provider_health *health)
{
    struct failure why;
    return provider_health_allows(health, false, &why);
}

static void report(struct provider_health *health, enum failure_reason reason, bool reached)
{
    struct failure why;
    fail(&why, reason, "it went wrong");
    provider_health_report(health, &why, reached);
}

static bool fails(struct provider_health *health)
{
    bool allowed = is_allowed(health);
    report(health, FAILURE_UPSTREAM_5XX, true);
    return allowed;
}

static bool cannot_connect(struct provider_health *health)
{
    bool allowed = is_allowed(health);
    report(health, FAILURE_CONNECT, false);
    return allowed;
}

static bool serves(struct provider_health *health)
{
    bool allowed = is_allowed(health);
    report(health, FAILURE_NONE, true);
    return allowed;
}

static void age_breaker(struct breaker *breaker, int64_t passed_us)
{
    if (breaker->opened_us)
        breaker->opened_us -= passed_us;
    if (breaker->probe.since_us)
        breaker->probe.since_us -= passed_us;
}

/* The notes about the model m of p, all of whose times are set back, as if so much time had passed. */
struct aged {
    struct provider_note provider;
    struct model_note model;
    struct cooldown cooldown;
    int64_t passed_us;
};

static unsigned age(void *context)
{
    struct aged *aged = context;
    age_breaker(&aged->provider.breaker, aged->passed_us);
    age_breaker(&aged->model.breaker, aged->passed_us);
    aged->provider.refused.since_us -= aged->provider.refused.since_us ? aged->passed_us : 0;
    if (aged->cooldown.since_us) {
        aged->cooldown.since_us -= aged->passed_us;
        aged->cooldown.until_us -= aged->passed_us;
        aged->cooldown.asked_us -= aged->passed_us;
    }
    return 7;
}

static void let_pass(int64_t seconds)
{
    struct aged aged = {.passed_us = seconds * SECOND};
    char names[3][HEALTH_NAME_SIZE];
    uint64_t where = health_digest("http://p/v1", 0);
    struct ledger *ledger = open_ledger();
    health_name(names[0], HEALTH_PROVIDER, "p", NULL, where);
    health_name(names[1], HEALTH_MODEL, "p", "m", where);
    health_name(names[2], HEALTH_COOLDOWN, "p", "m", health_digest("http://p/v1", 1));
    struct ledger_note notes[] = {{names[0], &aged.provider, sizeof aged.provider},
                                  {names[1], &aged.model, sizeof aged.model},
                                  {names[2], &aged.cooldown, sizeof aged.cooldown}};
    CU_ASSERT_TRUE(ledger_notes_change(ledger, notes, 3, age, &aged));
    close_ledger(ledger);
}

static void what_some_find_out_all_know(void)
{
    begin();
    CU_ASSERT_EQUAL(in_processes(1, fails), 1);
    CU_ASSERT_EQUAL(in_processes(1, fails), 1);
    CU_ASSERT_EQUAL(in_processes(4, is_allowed), 4);
    CU_ASSERT_EQUAL(in_processes(1, fails), 1);
    CU_ASSERT_EQUAL(in_processes(PROCESSES, is_allowed), 0);
}

static void no_failure_is_lost(void)
{
    begin();
    in_processes(3, fails);
    CU_ASSERT_EQUAL(in_processes(1, is_allowed), 0);
}

static void a_refusal_says_for_how_long(void)
{
    struct failure why;
    begin();
    for (int i = 0; i < 3; i++)
        in_processes(1, fails);
    struct provider_health health = condition_of("m", true);
    CU_ASSERT_FALSE(provider_health_allows(&health, false, &why));
    CU_ASSERT_EQUAL(why.reason, FAILURE_UNAVAILABLE);
    CU_ASSERT_EQUAL(why.source, SOURCE_GATEWAY);
    CU_ASSERT_TRUE(why.retryable);
    CU_ASSERT(why.retry_after_ms > 0 && why.retry_after_ms <= rules.open_for_ms);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.message, "provider p"));
    close_ledger(health.ledger);
}

static bool allows(const char *model)
{
    struct failure why;
    struct provider_health health = condition_of(model, true);
    bool allowed = provider_health_would_allow(&health, &why);
    close_ledger(health.ledger);
    return allowed;
}

static void a_failing_model_leaves_the_others_alone(void)
{
    begin();
    in_processes(3, fails);
    CU_ASSERT_FALSE(allows("m"));
    CU_ASSERT_TRUE(allows("n"));
    CU_ASSERT_TRUE(allows(NULL));
}

static void a_provider_that_cannot_be_reached_has_no_models(void)
{
    begin();
    in_processes(3, cannot_connect);
    CU_ASSERT_FALSE(allows("m"));
    CU_ASSERT_FALSE(allows("n"));
    let_pass(61);
    CU_ASSERT_EQUAL(in_processes(1, fails), 1); /* a 500 is an answer: the provider was reached */
    CU_ASSERT_TRUE(allows("n"));
}

static bool pretends(struct provider_health *health)
{
    bool allowed = is_allowed(health);
    report(health, FAILURE_CONTEXT_LENGTH, true);
    return allowed;
}

static void a_mistake_of_the_caller_counts_for_nothing(void)
{
    begin();
    CU_ASSERT_EQUAL(in_processes(PROCESSES, pretends), PROCESSES);
    CU_ASSERT_TRUE(allows("m"));
}

/* Becomes the probe and dies without a result. */
static bool dies(struct provider_health *health)
{
    return is_allowed(health);
}

static void of_many_one_is_the_probe(void)
{
    begin();
    for (int i = 0; i < 3; i++)
        in_processes(1, fails);
    let_pass(61);
    struct failure why;
    struct provider_health probe = condition_of("m", true);
    CU_ASSERT_TRUE(provider_health_allows(&probe, false, &why));
    CU_ASSERT_EQUAL(in_processes(PROCESSES, is_allowed), 0);
    let_pass(61);
    CU_ASSERT_EQUAL(in_processes(PROCESSES, is_allowed), 0); /* the probe lives and takes its time */
    provider_health_withdraw(&probe);
    close_ledger(probe.ledger);
    CU_ASSERT_EQUAL(in_processes(1, dies), 1);
    CU_ASSERT_EQUAL(in_processes(1, dies), 1); /* the probe's process is dead */
    CU_ASSERT_EQUAL(in_processes(1, fails), 1);
    CU_ASSERT_EQUAL(in_processes(PROCESSES, is_allowed), 0);
    let_pass(61);
    CU_ASSERT_EQUAL(in_processes(1, serves), 1);
    CU_ASSERT_EQUAL(in_processes(PROCESSES, is_allowed), PROCESSES);
}

static void limit(struct provider_health *health, int64_t delay_ms)
{
    struct failure why;
    fail(&why, FAILURE_RATE_LIMIT, "slow down");
    why.provider_status = 429;
    why.retry_after_ms = delay_ms;
    provider_health_report(health, &why, true);
}

static bool cools(struct provider_health *health)
{
    bool allowed = is_allowed(health);
    limit(health, 60000);
    return allowed;
}

static void a_model_cools_down_for_our_key(void)
{
    struct failure why;
    begin();
    CU_ASSERT_EQUAL(in_processes(1, cools), 1);
    CU_ASSERT_EQUAL(in_processes(2, is_allowed), 0);
    struct provider_health same = condition_of("m", true), other = condition_of("n", true),
                           brought = condition_of("m", false), again = condition_of("m", true);
    CU_ASSERT_FALSE(provider_health_allows(&same, false, &why));
    CU_ASSERT_EQUAL(why.reason, FAILURE_RATE_LIMIT);
    CU_ASSERT_EQUAL(why.status, 429);
    CU_ASSERT(why.retry_after_ms > 0 && why.retry_after_ms <= 60000);
    CU_ASSERT_TRUE(provider_health_allows(&other, false, &why));
    CU_ASSERT_TRUE(provider_health_allows(&brought, false, &why));
    CU_ASSERT_TRUE(provider_health_allows(&again, true, &why));
    close_ledger(same.ledger);
    close_ledger(other.ledger);
    close_ledger(brought.ledger);
    close_ledger(again.ledger);
}

static void a_client_with_its_own_key_cools_down_alone(void)
{
    struct failure why;
    begin();
    struct provider_health brought = condition_of("m", false);
    CU_ASSERT_TRUE(provider_health_allows(&brought, false, &why));
    limit(&brought, 60000);
    CU_ASSERT_FALSE(provider_health_allows(&brought, false, &why));
    CU_ASSERT_TRUE(allows("m"));
    close_ledger(brought.ledger);
}

static void a_new_key_does_not_cool_down(void)
{
    struct failure why;
    begin();
    CU_ASSERT_EQUAL(in_processes(1, cools), 1);
    struct provider_health fresh = condition_of("m", true), moved = condition_of("m", true);
    fresh.key = 3;
    moved.base_url = "http://elsewhere/v1";
    CU_ASSERT_TRUE(provider_health_allows(&fresh, false, &why));
    CU_ASSERT_TRUE(provider_health_allows(&moved, false, &why));
    close_ledger(fresh.ledger);
    close_ledger(moved.ledger);
}

static bool cools_for_long(struct provider_health *health)
{
    bool allowed = is_allowed(health);
    limit(health, 43200000);
    return allowed;
}

static void the_longest_cool_down_ends_with_a_look(void)
{
    struct failure why;
    begin();
    CU_ASSERT_EQUAL(in_processes(1, cools_for_long), 1);
    struct provider_health health = condition_of("m", true);
    CU_ASSERT_FALSE(provider_health_allows(&health, false, &why));
    CU_ASSERT(why.retry_after_ms > 890000 && why.retry_after_ms <= 900000);
    let_pass(901);
    CU_ASSERT_TRUE(provider_health_allows(&health, false, &why));
    CU_ASSERT_EQUAL(in_processes(PROCESSES, is_allowed), 0);
    limit(&health, -1); /* still limited, and no word about how long */
    CU_ASSERT_EQUAL(in_processes(PROCESSES, is_allowed), 0);
    let_pass(901);
    CU_ASSERT_EQUAL(in_processes(1, serves), 1);
    CU_ASSERT_EQUAL(in_processes(PROCESSES, is_allowed), PROCESSES);
    close_ledger(health.ledger);
}

/* ---- the list ---- */

struct listed {
    size_t count;
    struct health_item last;
};

static void take_item(void *context, const struct health_item *item)
{
    struct listed *listed = context;
    listed->count++;
    listed->last = *item;
}

static size_t forget(const char *provider, const char *model)
{
    struct listed listed = {0};
    struct ledger *ledger = open_ledger();
    CU_ASSERT_TRUE(health_forget(ledger, &rules, provider, model, take_item, &listed));
    close_ledger(ledger);
    return listed.count;
}

static void what_is_forgotten_is_asked_again(void)
{
    struct listed listed = {0};
    begin();
    in_processes(3, fails);
    struct ledger *ledger = open_ledger();
    CU_ASSERT_TRUE(health_list(ledger, &rules, take_item, &listed));
    close_ledger(ledger);
    CU_ASSERT_EQUAL(listed.count, 1);
    CU_ASSERT_EQUAL(listed.last.kind, HEALTH_MODEL);
    CU_ASSERT_STRING_EQUAL(listed.last.provider, "p");
    CU_ASSERT_STRING_EQUAL(listed.last.model, "m");
    CU_ASSERT_EQUAL(listed.last.failures, 3);
    CU_ASSERT(listed.last.left_us > 0);
    CU_ASSERT_EQUAL(forget("q", NULL), 0);
    CU_ASSERT_EQUAL(forget("p", "mm"), 0);
    CU_ASSERT_FALSE(allows("m"));
    CU_ASSERT_EQUAL(forget("p", "m"), 1);
    CU_ASSERT_TRUE(allows("m"));
    in_processes(3, fails);
    in_processes(1, cools);
    CU_ASSERT_EQUAL(forget("p", "m"), 2);
    CU_ASSERT_EQUAL(in_processes(1, cools), 1);
    CU_ASSERT_EQUAL(forget(NULL, NULL), 1);
    CU_ASSERT_TRUE(allows("m"));
    in_processes(3, cannot_connect);
    CU_ASSERT_EQUAL(forget("p", "m"), 0);
    CU_ASSERT_FALSE(allows("m"));
    CU_ASSERT_EQUAL(forget("p", NULL), 1);
    CU_ASSERT_TRUE(allows("m"));
}

/* ---- the error log ---- */

static size_t lines_with(const char *words)
{
    char command[256], answer[32] = "";
    snprintf(command, sizeof command, "grep -c '%s' %s/error.log", words, folder);
    FILE *pipe = popen(command, "r");
    if (!pipe || !fgets(answer, sizeof answer, pipe))
        abort();
    pclose(pipe);
    return strtoul(answer, NULL, 10);
}

static bool is_refused(struct provider_health *health)
{
    bool allowed = is_allowed(health);
    report(health, FAILURE_AUTHENTICATION, true);
    return allowed;
}

static bool has_no_money(struct provider_health *health)
{
    bool allowed = is_allowed(health);
    report(health, FAILURE_QUOTA_EXHAUSTED, true);
    return allowed;
}

static void each_change_is_said_once(void)
{
    char path[64];
    begin();
    snprintf(path, sizeof path, "%s/error.log", folder);
    if (!log_open(path, LEVEL_INFO))
        abort();
    in_processes(PROCESSES, fails);
    CU_ASSERT_EQUAL(lines_with("the model m of the provider p has failed 3 times"), 1);
    let_pass(61);
    in_processes(1, fails);
    CU_ASSERT_EQUAL(lines_with("has failed"), 1); /* it is still open */
    let_pass(61);
    in_processes(1, serves);
    in_processes(PROCESSES, serves);
    CU_ASSERT_EQUAL(lines_with("the model m of the provider p answers again"), 1);
    in_processes(PROCESSES, cannot_connect);
    CU_ASSERT_EQUAL(lines_with("could not be connected to 3 times"), 1);
    let_pass(61);
    in_processes(1, serves);
    CU_ASSERT_EQUAL(lines_with("can be connected to again"), 1);
    for (size_t round = 1; round <= 2; round++) {
        in_processes(PROCESSES, is_refused);
        CU_ASSERT_EQUAL(lines_with("refuses its API key"), round);
        in_processes(PROCESSES, serves);
        CU_ASSERT_EQUAL(lines_with("accepts its API key again"), round);
        in_processes(PROCESSES, has_no_money);
        CU_ASSERT_EQUAL(lines_with("no money or quota is left"), round);
        in_processes(PROCESSES, serves);
        CU_ASSERT_EQUAL(lines_with("there is money or quota again"), round);
    }
    in_processes(PROCESSES, is_refused);
    let_pass(86401); /* it is said again after a day */
    in_processes(PROCESSES, is_refused);
    CU_ASSERT_EQUAL(lines_with("refuses its API key"), 4);
    if (!log_open(NULL, LEVEL_INFO))
        abort();
}

/* Names longer than the ledger keeps are told apart all the same. */
static void long_names_are_not_mixed_up(void)
{
    struct failure why;
    char one[300], other[300];
    memset(one, 'x', sizeof one - 1);
    one[sizeof one - 1] = '\0';
    memcpy(other, one, sizeof one);
    other[sizeof other - 2] = 'y';
    begin();
    struct provider_health first = condition_of(one, true), second = condition_of(other, true);
    CU_ASSERT_TRUE(provider_health_allows(&first, false, &why));
    limit(&first, 60000);
    CU_ASSERT_FALSE(provider_health_allows(&first, false, &why));
    CU_ASSERT_TRUE(provider_health_allows(&second, false, &why));
    close_ledger(first.ledger);
    close_ledger(second.ledger);
}

static void without_a_ledger_all_are_well(void)
{
    struct settings nowhere = {.ledger = (char *)"", .state_dir = (char *)"/proc/nowhere"};
    struct failure why;
    struct provider_health health = condition_of("m", true);
    close_ledger(health.ledger);
    health.ledger = ledger_open(&nowhere);
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_TRUE(provider_health_allows(&health, false, &why));
        report(&health, FAILURE_UPSTREAM_5XX, true);
        limit(&health, 60000);
    }
    close_ledger(health.ledger);
}

static const struct unit_test tests[] = {
    {"what some find out all know", what_some_find_out_all_know},
    {"no failure is lost", no_failure_is_lost},
    {"a refusal says for how long", a_refusal_says_for_how_long},
    {"a failing model leaves the others alone", a_failing_model_leaves_the_others_alone},
    {"a provider that cannot be reached has no models", a_provider_that_cannot_be_reached_has_no_models},
    {"a mistake of the caller counts for nothing", a_mistake_of_the_caller_counts_for_nothing},
    {"of many one is the probe", of_many_one_is_the_probe},
    {"a model cools down for our key", a_model_cools_down_for_our_key},
    {"a client with its own key cools down alone", a_client_with_its_own_key_cools_down_alone},
    {"a new key does not cool down", a_new_key_does_not_cool_down},
    {"the longest cool-down ends with a look", the_longest_cool_down_ends_with_a_look},
    {"what is forgotten is asked again", what_is_forgotten_is_asked_again},
    {"each change is said once", each_change_is_said_once},
    {"long names are not mixed up", long_names_are_not_mixed_up},
    {"without a ledger all are well", without_a_ledger_all_are_well},
};

static void remove_folder(void)
{
    begin();
    rmdir(folder);
}

int main(void)
{
    if (!mkdtemp(folder))
        return 1;
    int status = unit_run("health", tests, sizeof tests / sizeof *tests);
    remove_folder();
    return status;
}
