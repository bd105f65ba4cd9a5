/* When to retry, at which target, and when a breaker opens. */
#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "config/settings_types.h"
#include "gateway/retry.h"
#include "kinds.h"
#include "ledger/breaker.h"
#include "outcome.h"

#define ATTEMPTS_PLAYED_MAX 100
#define SECOND ((int64_t)1000000)
#define START (1000 * SECOND)

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static double number(const cJSON *object, const char *name, double missing)
{
    const cJSON *value = member(object, name);
    return cJSON_IsNumber(value) ? value->valuedouble : missing;
}

/* ---- a provider's answers, one after the other ---- */

/* The last answer of the list repeats for ever. */
static int status_at(const cJSON *input, int index)
{
    const cJSON *statuses = member(input, "statuses");
    int count = cJSON_GetArraySize(statuses);
    if (!statuses)
        return (int)number(input, "status_forever", 0);
    return cJSON_GetArrayItem(statuses, index < count ? index : count - 1)->valueint;
}

/* Retries at a single target, with the usual settings. */
void check_retry_policy(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    static const struct retry_settings usual = {4, 1, 60000, 10000};
    struct retry_history history = {0};
    enum retry_action action = RETRY_SAME_TARGET;
    int status = 0;
    while (action == RETRY_SAME_TARGET && history.attempts < ATTEMPTS_PLAYED_MAX) {
        status = status_at(input, (int)history.attempts);
        struct failure why = answer_failure(status, "", 0, NULL);
        history.attempts_at_target = ++history.attempts;
        action = status == 200 ? RETRY_NOT : retry_decide(&usual, &why, &history).action;
    }
    outcome_number(outcome, "attempts", (double)history.attempts, member(expected, "attempts"));
    outcome_number(outcome, "final_status", status, member(expected, "final_status"));
}

/* ---- one decision ---- */

static struct retry_settings settings_of(const cJSON *config)
{
    return (struct retry_settings){
        .max_attempts = (int64_t)number(config, "max_failover_hops", 4),
        .same_target = 1,
        .budget_ms = (int64_t)(number(config, "total_timeout_budget", 60) * 1000),
        .max_wait_ms = (int64_t)(number(config, "max_silent_wait", 10) * 1000),
    };
}

static struct failure failure_of(const cJSON *input)
{
    const cJSON *header = member(input, "retry_after_header");
    struct failure why = answer_failure((int)number(input, "status", 0), "", 0,
                                        header ? header->valuestring : NULL);
    if (member(input, "retry_after"))
        why.retry_after_ms = (int64_t)(number(input, "retry_after", 0) * 1000);
    return why;
}

/* The target after the one that failed; NULL: none. */
static const char *next_of(const cJSON *input)
{
    const cJSON *first = cJSON_GetArrayItem(member(input, "alternatives"), 0);
    return first ? first->valuestring : NULL;
}

static void compare_wait(struct outcome *outcome, int64_t wait_ms, const cJSON *expected)
{
    const cJSON *least = member(expected, "wait_at_least");
    double wait = (double)wait_ms / 1000;
    outcome_number(outcome, "wait", wait, member(expected, "wait"));
    if (least && wait < least->valuedouble)
        outcome_number(outcome, "wait_at_least", wait, least);
}

void check_retry_decision(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct retry_settings settings = settings_of(member(input, "config"));
    struct failure why = failure_of(input);
    struct retry_history history = {.attempts = (size_t)number(input, "attempted", 1),
                                    .attempts_at_target = 1,
                                    .targets = 1,
                                    .since_failure_ms = (int64_t)(number(input, "elapsed", 0) * 1000),
                                    .has_alias = member(input, "alternatives")};
    struct retry_decision decision = retry_decide(&settings, &why, &history);
    const char *next = decision.action == RETRY_NEXT_TARGET ? next_of(input) : NULL;
    const char *word = decision.action == RETRY_SAME_TARGET ? "wait_and_retry"
                       : next                               ? "failover"
                                                            : "surface";
    outcome_word(outcome, "decision", word, member(expected, "decision"));
    outcome_word(outcome, "next", next, member(expected, "next"));
    outcome_word(outcome, "error.code", why.code, member(member(expected, "error"), "code"));
    if (decision.action == RETRY_SAME_TARGET)
        compare_wait(outcome, decision.wait_ms, expected);
}

/* ---- breakers ---- */

struct circuit {
    struct breaker_settings settings;
    struct breaker breaker;
    int64_t now_us;
    bool probe;
    int asked; /* how often it was */
};

static struct breaker_view view_of(const struct breaker_settings *settings, int64_t now_us)
{
    static struct process_identity own;
    own = process_identity_self();
    return (struct breaker_view){settings, &own, now_us};
}

static void hear(struct circuit *circuit, enum breaker_news news)
{
    struct breaker_view view = view_of(&circuit->settings, circuit->now_us);
    breaker_hear(&circuit->breaker, &view, news, circuit->probe);
    circuit->probe = false;
}

static bool is_allowed(struct circuit *circuit)
{
    int64_t left_us;
    struct breaker_view view = view_of(&circuit->settings, circuit->now_us);
    bool allowed = breaker_take(&circuit->breaker, &view, &left_us);
    circuit->probe = circuit->probe || (allowed && circuit->breaker.probe.since_us);
    return allowed;
}

static void play_event(struct outcome *outcome, struct circuit *circuit, const char *event,
                       const cJSON *expected)
{
    if (strcmp(event, "fail") == 0)
        hear(circuit, BREAKER_FAILED);
    else if (strcmp(event, "success") == 0)
        hear(circuit, BREAKER_SERVED);
    else if (strcmp(event, "wait_cooldown") == 0)
        circuit->now_us += circuit->settings.open_for_ms * 1000;
    else if (strcmp(event, "allow?") == 0)
        outcome_bool(outcome, "allow", is_allowed(circuit),
                     cJSON_GetArrayItem(member(expected, "allow"), circuit->asked++));
    else
        outcome->unknown = true;
}

static const char *state_of(const struct breaker *breaker)
{
    return !breaker->opened_us ? "closed" : breaker->probe.since_us ? "half_open" : "open";
}

void check_circuit_breaker(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct circuit circuit = {.now_us = START};
    const cJSON *event;
    if (member(input, "status")) {
        struct failure why = answer_failure((int)number(input, "status", 0), "", 0, NULL);
        outcome_bool(outcome, "counts", breaker_judge_model(&why, true) == BREAKER_FAILED,
                     member(expected, "counts"));
        return;
    }
    circuit.settings.failures = (int64_t)number(input, "threshold", 5);
    circuit.settings.open_for_ms = (int64_t)(number(input, "cooldown_s", 15) * 1000);
    circuit.settings.longest_ms = 900000;
    cJSON_ArrayForEach(event, member(input, "events"))
        play_event(outcome, &circuit, event->valuestring, expected);
    outcome_word(outcome, "state", state_of(&circuit.breaker), member(expected, "state"));
}

void check_cooldown(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    static const struct breaker_settings unbounded = {.open_for_ms = 15000, .longest_ms = INT64_MAX / 2000};
    struct cooldown cooldown = {0};
    struct breaker_view view = view_of(&unbounded, START);
    int64_t left_us;
    const cJSON *step;
    cJSON_ArrayForEach(step, member(input, "ops"))
    {
        const char *what = cJSON_GetArrayItem(step, 0)->valuestring;
        double seconds = cJSON_GetArrayItem(step, 1)->valuedouble;
        if (strcmp(what, "set") == 0)
            cooldown_set(&cooldown, &view, (int64_t)(seconds * 1000));
        else
            view.now_us += (int64_t)(seconds * 1000000);
    }
    (void)cooldown_lets(&cooldown, &view, &left_us);
    outcome_bool(outcome, "limited", left_us > 0, member(expected, "limited"));
    outcome_number(outcome, "remaining", left_us > 0 ? (double)left_us / 1e6 : -1,
                   member(expected, "remaining"));
}
