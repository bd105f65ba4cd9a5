/* Classifies a provider's error answer by the tables of rules. */
#include "errors/failure_judge.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

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
                            const char *text, const char *pattern)
{
    if (rule->match == IN_SENTENCE)
        return failure_pattern_in_text(text, pattern);
    for (size_t i = 0; i < evidence->code_count; i++)
        if (failure_pattern_is_code(evidence->codes[i], pattern))
            return true;
    return false;
}

static bool matches_any(const struct failure_rule *rule, const struct failure_evidence *evidence,
                        const char *text)
{
    for (const char *const *pattern = rule->patterns; *pattern; pattern++)
        if (matches_pattern(rule, evidence, text, *pattern))
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

/* Python gateways write the absent value as a word. */
static bool names_param(const struct failure_evidence *evidence)
{
    return *evidence->param && strcasecmp(evidence->param, "none") != 0 &&
           strcasecmp(evidence->param, "null") != 0;
}

static bool condition_holds(const struct failure_rule *rule, unsigned class,
                            const struct failure_evidence *evidence)
{
    if (rule->provider && strcmp(rule->provider, evidence->provider) != 0)
        return false;
    if (rule->only_if & NO_DELAY && evidence->delay_ms >= 0)
        return false;
    if (rule->only_if & NO_SHORT_DELAY && evidence->delay_ms >= 0 && evidence->delay_ms < LONG_DELAY_MS)
        return false;
    if (rule->only_if & NO_PARAM && names_param(evidence) && strcmp(evidence->param, "model") != 0)
        return false;
    if (may_pass(rule, class, evidence))
        return false;
    if (rule->only_if & NO_MODEL && failure_pattern_in_text(evidence->text, "(model|deployment|engine)"))
        return false;
    return !(rule->only_if & NO_SHORT_PERIOD) || !has_short_period(evidence);
}

static bool applies(const struct failure_rule *rule, unsigned class, const struct failure_evidence *evidence,
                    const char *text)
{
    if (!(rule->statuses & class))
        return false;
    bool matches = rule->match == EMPTY_BODY    ? evidence->empty
                   : rule->match == HTML_BODY   ? evidence->html
                   : rule->match == PLAIN_BODY  ? evidence->plain
                   : rule->match == NAMED_PARAM ? names_param(evidence)
                                                : matches_any(rule, evidence, text);
    return matches && condition_holds(rule, class, evidence);
}

static const struct failure_rule *find_in(const struct failure_rule_list *list, unsigned class,
                                          const struct failure_evidence *evidence)
{
    for (size_t i = 0; i < list->count; i++)
        if (applies(&list->rules[i], class, evidence, evidence->text))
            return &list->rules[i];
    return NULL;
}

/* Codes of these reasons name the cause itself. Codes of the others are often no more than the name of the
 * status ("Forbidden"), so a sentence that names a cause precedes them. */
static bool is_specific(enum failure_reason reason)
{
    return reason == FAILURE_QUOTA_EXHAUSTED || reason == FAILURE_CONTENT_FILTER ||
           reason == FAILURE_CONTEXT_LENGTH || reason == FAILURE_MODEL_NOT_FOUND ||
           reason == FAILURE_OVERLOADED || reason == FAILURE_RATE_LIMIT || reason == FAILURE_TIMEOUT;
}

static bool is_of_credentials(enum failure_reason reason)
{
    return reason == FAILURE_AUTHENTICATION || reason == FAILURE_PERMISSION;
}

/* Reads the words of the codes as a sentence. The word "limit" of a code is a rate's if the sentences say so.
 */
static const struct failure_rule *find_in_code_words(const struct failure_rule_list *list, unsigned class,
                                                     const struct failure_evidence *evidence,
                                                     bool (*is_wanted)(enum failure_reason))
{
    bool of_rate = failure_pattern_in_text(evidence->text, "(rate limit|rate limited|too many requests)");
    for (size_t i = 0; i < list->count; i++) {
        const struct failure_rule *rule = &list->rules[i];
        bool of_quota = rule->reason == FAILURE_QUOTA_EXHAUSTED;
        if (rule->match == IN_SENTENCE && is_wanted(rule->reason) && !(of_quota && of_rate) &&
            applies(rule, class, evidence, evidence->code_words))
            return rule;
    }
    return NULL;
}

/* The first rule found decides, from the most to the least certain evidence. */
static const struct failure_rule *find_rule(unsigned class, const struct failure_evidence *evidence)
{
    const struct failure_rule_list *const sentences[] = {&failure_account_rules, &failure_money_rules,
                                                         &failure_access_rules, &failure_request_rules};
    const size_t count = sizeof sentences / sizeof *sentences;
    const struct failure_rule *found = find_in(&failure_code_rules, class, evidence);
    for (size_t i = 0; i < count && !found; i++)
        found = find_in_code_words(sentences[i], class, evidence, is_specific);
    for (size_t i = 0; i < count && !found; i++)
        found = find_in(sentences[i], class, evidence);
    for (size_t i = 0; i < count && !found; i++)
        found = find_in_code_words(sentences[i], class, evidence, is_of_credentials);
    return found ? found : find_in(&failure_loose_rules, class, evidence);
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
    bool says_less = rule && rule->reason == FAILURE_OTHER && status.class == UNCOMMON; /* "try again" */
    return (struct failure_verdict){
        .reason = rule && !says_less ? rule->reason : status.reason,
        .category = category_of(&status, rule),
        .retryable = is_retryable(&status, rule, evidence),
        .permanent = rule && rule->retry == NEVER,
    };
}
