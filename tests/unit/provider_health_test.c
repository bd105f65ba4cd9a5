/* What the processes of a host know together of a provider, in a ledger that they share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failure.h"
#include "config/settings_types.h"
#include "ledger/ledger.h"
#include "ledger/ledger_query.h"
#include "ledger/provider_health.h"
#include "unit.h"

#define PROCESSES 16
#define SECOND ((int64_t)1000000)

static const struct breaker_settings rules = {.failures = 3, .open_for_ms = 60000};
static char folder[] = "/tmp/penstock-health-XXXXXX";
static struct settings settings = {.ledger = (char *)"", .state_dir = folder};

static void begin(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s/*", folder);
    if (system(command) != 0)
        abort();
}

static struct provider_health condition_of(const char *model, bool own_key)
{
    return (struct provider_health){.ledger = ledger_open(&settings),
                                    .rules = &rules,
                                    .provider = "p",
                                    .base_url = "http://p/v1",
                                    .model = model,
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

static bool fails(struct provider_health *health)
{
    bool allowed = is_allowed(health);
    provider_health_report(health, BREAKER_FAILED);
    return allowed;
}

static bool serves(struct provider_health *health)
{
    bool allowed = is_allowed(health);
    provider_health_report(health, BREAKER_SERVED);
    return allowed;
}

/* Sets all times of the note back, as if so much time had passed. */
static bool age(void *note, void *seconds)
{
    struct provider_health_note *known = note;
    int64_t passed_us = *(int64_t *)seconds * SECOND;
    if (known->breaker.opened_us)
        known->breaker.opened_us -= passed_us;
    if (known->breaker.probe_us)
        known->breaker.probe_us -= passed_us;
    return true;
}

static void let_pass(int64_t seconds)
{
    struct provider_health_note note;
    struct ledger *ledger = ledger_open(&settings);
    CU_ASSERT_TRUE(ledger_note_change(ledger, "provider p http://p/v1", &note, sizeof note, age, &seconds));
    ledger_close(ledger);
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
    ledger_close(health.ledger);
}

/* A probe without a result is one whose process has died. */
static void of_many_one_is_the_probe(void)
{
    begin();
    for (int i = 0; i < 3; i++)
        in_processes(1, fails);
    let_pass(61);
    CU_ASSERT_EQUAL(in_processes(PROCESSES, is_allowed), 1);
    CU_ASSERT_EQUAL(in_processes(PROCESSES, is_allowed), 0);
    let_pass(61);
    CU_ASSERT_EQUAL(in_processes(PROCESSES, fails), 1);
    CU_ASSERT_EQUAL(in_processes(PROCESSES, is_allowed), 0);
    let_pass(61);
    CU_ASSERT_EQUAL(in_processes(1, serves), 1);
    CU_ASSERT_EQUAL(in_processes(PROCESSES, is_allowed), PROCESSES);
}

static bool cools(struct provider_health *health)
{
    bool allowed = is_allowed(health);
    provider_health_start_cooldown(health, 60000);
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
    ledger_close(same.ledger);
    ledger_close(other.ledger);
    ledger_close(brought.ledger);
    ledger_close(again.ledger);
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
    provider_health_start_cooldown(&first, 60000);
    CU_ASSERT_FALSE(provider_health_allows(&first, false, &why));
    CU_ASSERT_TRUE(provider_health_allows(&second, false, &why));
    ledger_close(first.ledger);
    ledger_close(second.ledger);
}

static void without_a_ledger_all_are_well(void)
{
    struct settings nowhere = {.ledger = (char *)"", .state_dir = (char *)"/proc/nowhere"};
    struct failure why;
    struct provider_health health = condition_of("m", true);
    ledger_close(health.ledger);
    health.ledger = ledger_open(&nowhere);
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_TRUE(provider_health_allows(&health, false, &why));
        provider_health_report(&health, BREAKER_FAILED);
        provider_health_start_cooldown(&health, 60000);
    }
    ledger_close(health.ledger);
}

static const struct unit_test tests[] = {
    {"what some find out all know", what_some_find_out_all_know},
    {"no failure is lost", no_failure_is_lost},
    {"a refusal says for how long", a_refusal_says_for_how_long},
    {"of many one is the probe", of_many_one_is_the_probe},
    {"a model cools down for our key", a_model_cools_down_for_our_key},
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
