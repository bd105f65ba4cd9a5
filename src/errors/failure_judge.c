/* Classifies a provider's error answer by the tables of rules. */
#include "errors/failure_judge.h"

#include <stdint.h>
#include <string.h>

#include "errors/failure_pattern.h"
#include "errors/failure_rules_internal.h"

#define LONG_DELAY_MS (3600 * INT64_C(1000))

static struct status_rule rule_of_status(int status)
{
    for (size_t i = 0; i < status_rule_count; i++)
        if (status_rules[i].status == status)
            return status_rules[i];
    if (status >= 200 && status < 300)
        return (struct status_rule){status, SUCCESS, FAILURE_BAD_RESPONSE, CATEGORY_TRANSIENT, true};
    enum failure_reason reason = status >= 500 ? FAILURE_UPSTREAM_5XX : FAILURE_OTHER;
    return (struct status_rule){status, UNCOMMON, reason, CATEGORY_PROVIDER, false};
}

static bool matches_pattern(const struct failure_rule *rule, const struct failure_evidence *evidence,
                            const char *pattern)
{
    if (rule->match == IN_SENTENCE)
        return failure_pattern_in_text(evidence->text, pattern);
    for (size_t i = 0; i < evidence->code_count; i++)
        if (failure_pattern_is_code(evidence->codes[i], pattern))
            return true;
    return false;
}

static bool matches_any(const struct failure_rule *rule, const struct failure_evidence *evidence)
{
    for (const char *const *pattern = rule->patterns; *pattern; pattern++)
        if (matches_pattern(rule, evidence, *pattern))
            return true;
    return false;
}

/* True if the answer names a limit per minute, second or hour, in a sentence or in a quota's id. */
static bool has_short_period(const struct failure_evidence *evidence)
{
    for (const char *const *pattern = short_period_patterns; *pattern; pattern++) {
        if (failure_pattern_in_text(evidence->text, *pattern))
            return true;
        for (size_t i = 0; i < evidence->code_count; i++)
            if (failure_pattern_in_text(evidence->codes[i], *pattern))
                return true;
    }
    return false;
}

static bool is_passing(const struct failure_evidence *evidence)
{
    for (const char *const *pattern = passing_patterns; *pattern; pattern++)
        if (failure_pattern_in_text(evidence->text, *pattern))
            return true;
    return false;
}

/* A caller's mistake is one under every status, but the words of a server that is unavailable may sound like
 * one, and the page of an edge server knows nothing about the request. */
static bool may_pass(const struct failure_rule *rule, unsigned class, const struct failure_evidence *evidence)
{
    if (rule->only_if & NO_PASSING)
        return is_passing(evidence);
    bool unavailable = rule->only_if & NO_PASSING_IF_UNAVAILABLE && class == UNAVAILABLE;
    return unavailable && (evidence->html || is_passing(evidence));
}

static bool condition_holds(const struct failure_rule *rule, unsigned class,
                            const struct failure_evidence *evidence)
{
    bool has_other_param = *evidence->param && strcmp(evidence->param, "model") != 0;
    if (rule->provider && strcmp(rule->provider, evidence->provider) != 0)
        return false;
    if (rule->only_if & NO_DELAY && evidence->delay_ms >= 0)
        return false;
    if (rule->only_if & NO_SHORT_DELAY && evidence->delay_ms >= 0 && evidence->delay_ms < LONG_DELAY_MS)
        return false;
    if (rule->only_if & NO_PARAM && has_other_param)
        return false;
    if (may_pass(rule, class, evidence))
        return false;
    return !(rule->only_if & NO_SHORT_PERIOD) || !has_short_period(evidence);
}

static bool applies(const struct failure_rule *rule, unsigned class, const struct failure_evidence *evidence)
{
    if (!(rule->statuses & class))
        return false;
    bool matches = rule->match == EMPTY_BODY  ? evidence->empty
                   : rule->match == HTML_BODY ? evidence->html
                                              : matches_any(rule, evidence);
    return matches && condition_holds(rule, class, evidence);
}

static const struct failure_rule *find_rule(unsigned class, const struct failure_evidence *evidence)
{
    const struct failure_rule_list *const lists[] = {&failure_code_rules, &failure_account_rules,
                                                     &failure_request_rules, &failure_loose_rules};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        for (size_t j = 0; j < lists[i]->count; j++)
            if (applies(&lists[i]->rules[j], class, evidence))
                return &lists[i]->rules[j];
    return NULL;
}

/* The status decides the category. If the status has no category and a rule applies, the rule's reason
 * decides. */
static enum failure_category category_of(const struct status_rule *status, const struct failure_rule *rule)
{
    bool says_nothing = status->class == SUCCESS ||
                        (status->class == UNCOMMON && status->category == CATEGORY_PROVIDER);
    return rule && says_nothing ? failure_defaults(rule->reason)->category : status->category;
}

/* An answer with a delay is retryable even if its status is permanent by default (402, 409, 424, 499). */
static bool is_retryable(const struct status_rule *status, const struct failure_rule *rule,
                         const struct failure_evidence *evidence)
{
    if (rule && rule->retry != BY_STATUS)
        return rule->retry == LATER;
    bool passes = status->class == PAYMENT_REQUIRED || status->class == UNCOMMON;
    return status->retryable || (passes && evidence->delay_ms >= 0);
}

struct failure_verdict failure_judge(const struct failure_evidence *evidence)
{
    struct status_rule status = rule_of_status(evidence->status);
    const struct failure_rule *rule = find_rule(status.class, evidence);
    return (struct failure_verdict){
        .reason = rule ? rule->reason : status.reason,
        .category = category_of(&status, rule),
        .retryable = is_retryable(&status, rule, evidence),
        .permanent = rule && rule->retry == NEVER,
    };
}
