/* Classifies a provider's error answer by the rules of failure_rules.c. */
#include "errors/failure_judge.h"

#include <string.h>

#include "errors/failure_rules_internal.h"

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

/* A piece of a pattern, between two '*'. */
struct piece {
    const char *start;
    size_t length;
};

static struct piece first_piece(const char *pattern)
{
    return (struct piece){pattern, strcspn(pattern, "*")};
}

static bool is_last(struct piece piece)
{
    return !piece.start[piece.length];
}

static struct piece next_piece(struct piece piece)
{
    return first_piece(piece.start + piece.length + 1);
}

static const char *find_piece(const char *text, struct piece piece)
{
    return memmem(text, strlen(text), piece.start, piece.length);
}

/* True if the text contains the pieces of the pattern in their order. */
static bool occurs_in(const char *text, const char *pattern)
{
    struct piece piece = first_piece(pattern);
    for (;; piece = next_piece(piece)) {
        const char *found = find_piece(text, piece);
        if (!found)
            return false;
        if (is_last(piece))
            return true;
        text = found + piece.length;
    }
}

/* Compares the first line without the full stops, exclamation marks and blanks at its end. */
static bool is_first_sentence(const char *text, const char *sentence)
{
    size_t length = strcspn(text, "\n");
    while (length && strchr(".! ", text[length - 1]))
        length--;
    return length == strlen(sentence) && memcmp(text, sentence, length) == 0;
}

static bool matches_sentence(const char *text, const char *pattern)
{
    return *pattern == '=' ? is_first_sentence(text, pattern + 1) : occurs_in(text, pattern);
}

/* The code must begin with the first piece and end with the last one. */
static bool matches_code(const char *code, const char *pattern)
{
    struct piece piece = first_piece(pattern);
    if (strncmp(code, piece.start, piece.length) != 0)
        return false;
    code += piece.length;
    if (is_last(piece))
        return !*code;
    for (piece = next_piece(piece); !is_last(piece); piece = next_piece(piece)) {
        code = find_piece(code, piece);
        if (!code)
            return false;
        code += piece.length;
    }
    size_t left = strlen(code);
    return left >= piece.length && strcmp(code + left - piece.length, piece.start) == 0;
}

static bool matches_pattern(const struct failure_rule *rule, const struct failure_evidence *evidence,
                            const char *pattern)
{
    if (rule->match == IN_SENTENCE)
        return matches_sentence(evidence->text, pattern);
    for (size_t i = 0; i < evidence->code_count; i++)
        if (matches_code(evidence->codes[i], pattern))
            return true;
    return false;
}

static bool condition_holds(const struct failure_rule *rule, const struct failure_evidence *evidence)
{
    if (rule->provider && strcmp(rule->provider, evidence->provider) != 0)
        return false;
    if (rule->only_if == NO_DELAY)
        return !evidence->has_delay;
    bool has_other_param = *evidence->param && strcmp(evidence->param, "model") != 0;
    return rule->only_if != NO_PARAM || !has_other_param;
}

static bool applies(const struct failure_rule *rule, unsigned class, const struct failure_evidence *evidence)
{
    if (!(rule->statuses & class) || !condition_holds(rule, evidence))
        return false;
    if (rule->match == EMPTY_BODY)
        return evidence->empty;
    if (rule->match == HTML_BODY)
        return evidence->html;
    for (const char *const *pattern = rule->patterns; *pattern; pattern++)
        if (matches_pattern(rule, evidence, *pattern))
            return true;
    return false;
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
    bool may_pass = status->class == PAYMENT_REQUIRED || status->class == UNCOMMON;
    return status->retryable || (may_pass && evidence->has_delay);
}

struct failure_verdict failure_judge(const struct failure_evidence *evidence)
{
    struct status_rule status = rule_of_status(evidence->status);
    const struct failure_rule *rule = NULL;
    for (size_t i = 0; i < failure_rule_count && !rule; i++)
        if (applies(&failure_rules[i], status.class, evidence))
            rule = &failure_rules[i];
    return (struct failure_verdict){
        .reason = rule ? rule->reason : status.reason,
        .category = category_of(&status, rule),
        .retryable = is_retryable(&status, rule, evidence),
        .permanent = rule && rule->retry == NEVER,
    };
}
