/* The reason of a provider's refusal: structure counts before words, words before sentences, the status last.
 * All answers are invented. */
#include "errors/failure_judge.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define NO false
#define YES true

/* "A" to "P" of the contract's categories. */
enum {
    AUTH = CATEGORY_AUTHENTICATION,
    REQ = CATEGORY_REQUEST,
    MODEL = CATEGORY_MODEL_NOT_FOUND,
    RATE = CATEGORY_RATE_LIMIT,
    TRANS = CATEGORY_TRANSIENT,
    PROV = CATEGORY_PROVIDER
};

struct line {
    int status;
    const char *word, *text; /* in lower case; NULL: none */
    enum failure_reason reason;
    int category;
    bool retryable;
};

static struct failure_verdict judge(const struct line *line, bool delayed, const char *param)
{
    struct failure_evidence evidence = {
        .status = line->status, .provider = "", .delay_ms = delayed ? 5000 : -1};
    evidence.empty = !line->word && !line->text;
    if (line->word)
        snprintf(evidence.codes[evidence.code_count++], EVIDENCE_CODE_SIZE, "%s", line->word);
    if (line->text)
        snprintf(evidence.text, sizeof evidence.text, "%s", line->text);
    snprintf(evidence.param, sizeof evidence.param, "%s", param);
    return failure_judge(&evidence);
}

static void check_all(const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct failure_verdict verdict = judge(&lines[i], false, "");
        bool good = verdict.reason == lines[i].reason && (int)verdict.category == lines[i].category &&
                    verdict.retryable == lines[i].retryable;
        if (!good)
            printf("\n    %d %s \"%s\": %s %s %d\n", lines[i].status, lines[i].word ? lines[i].word : "-",
                   lines[i].text ? lines[i].text : "", failure_reason_name(verdict.reason),
                   failure_category_name(verdict.category), verdict.retryable);
        CU_ASSERT_TRUE(good);
    }
}

#define CHECK(lines) check_all(lines, sizeof(lines) / sizeof *(lines))

static void a_status_alone_decides(void)
{
    static const struct line lines[] = {
        {400, NULL, "no", FAILURE_INVALID_REQUEST, REQ, NO},
        {401, NULL, "no", FAILURE_AUTHENTICATION, AUTH, NO},
        {402, NULL, "no", FAILURE_QUOTA_EXHAUSTED, PROV, NO},
        {403, NULL, "no", FAILURE_PERMISSION, AUTH, NO},
        {404, NULL, "no", FAILURE_MODEL_NOT_FOUND, MODEL, NO},
        {405, NULL, "no", FAILURE_OTHER, PROV, NO},
        {408, NULL, "no", FAILURE_TIMEOUT, TRANS, YES},
        {409, NULL, "no", FAILURE_OTHER, PROV, NO},
        {413, NULL, "no", FAILURE_INVALID_REQUEST, PROV, NO},
        {418, NULL, "no", FAILURE_OTHER, PROV, NO},
        {422, NULL, "no", FAILURE_INVALID_REQUEST, REQ, NO},
        {425, NULL, "no", FAILURE_OVERLOADED, TRANS, YES},
        {429, NULL, "no", FAILURE_RATE_LIMIT, RATE, YES},
        {451, NULL, "no", FAILURE_OTHER, PROV, NO},
        {499, NULL, "no", FAILURE_OTHER, PROV, NO},
        {500, NULL, "no", FAILURE_UPSTREAM_5XX, TRANS, YES},
        {501, NULL, "no", FAILURE_INVALID_REQUEST, PROV, NO},
        {502, NULL, "no", FAILURE_UPSTREAM_5XX, TRANS, YES},
        {503, NULL, "no", FAILURE_OVERLOADED, TRANS, YES},
        {504, NULL, "no", FAILURE_TIMEOUT, TRANS, YES},
        {505, NULL, "no", FAILURE_UPSTREAM_5XX, PROV, NO},
        {507, NULL, "no", FAILURE_UPSTREAM_5XX, PROV, NO},
        {520, NULL, "no", FAILURE_UPSTREAM_5XX, TRANS, YES},
        {521, NULL, "no", FAILURE_UPSTREAM_5XX, PROV, NO},
        {522, NULL, "no", FAILURE_TIMEOUT, TRANS, YES},
        {524, NULL, "no", FAILURE_TIMEOUT, TRANS, YES},
        {529, NULL, "no", FAILURE_OVERLOADED, TRANS, YES},
        {599, NULL, "no", FAILURE_UPSTREAM_5XX, PROV, NO},
        {200, NULL, "no", FAILURE_BAD_RESPONSE, TRANS, YES},
        {302, NULL, "no", FAILURE_OTHER, PROV, NO},
        {0, NULL, "no", FAILURE_UPSTREAM_CUT, TRANS, YES},
    };
    CHECK(lines);
}

static void missing_money_is_not_a_rate_limit(void)
{
    static const struct line lines[] = {
        {429, "insufficient_quota", "slow down", FAILURE_QUOTA_EXHAUSTED, RATE, NO},
        {400, "insufficient_balance", NULL, FAILURE_QUOTA_EXHAUSTED, REQ, NO},
        {429, NULL, "your credit balance is too low", FAILURE_QUOTA_EXHAUSTED, RATE, NO},
        {403, NULL, "you are out of credits", FAILURE_QUOTA_EXHAUSTED, AUTH, NO},
        {429, NULL, "you exceeded your current quota", FAILURE_QUOTA_EXHAUSTED, RATE, NO},
        {200, "billing_hard_limit_reached", NULL, FAILURE_QUOTA_EXHAUSTED, RATE, NO},
        {429, "rate_limit_exceeded", "too fast", FAILURE_RATE_LIMIT, RATE, YES},
        {429, NULL, "limit of tokens per minute", FAILURE_RATE_LIMIT, RATE, YES},
    };
    CHECK(lines);
}

static void a_request_that_is_too_large_is_not_retryable(void)
{
    static const struct line lines[] = {
        {413, "rate_limit_exceeded", NULL, FAILURE_RATE_LIMIT, PROV, NO},
        {429, NULL, "request too large for this model", FAILURE_RATE_LIMIT, RATE, NO},
        {400, "context_length_exceeded", NULL, FAILURE_CONTEXT_LENGTH, REQ, NO},
        {400, NULL, "this has more than the maximum context of 10 tokens", FAILURE_CONTEXT_LENGTH, REQ, NO},
        {500, NULL, "the prompt is too long", FAILURE_CONTEXT_LENGTH, TRANS, NO},
        {500, "not_supported_error", NULL, FAILURE_INVALID_REQUEST, TRANS, NO},
        {500, NULL, "this model does not support images", FAILURE_INVALID_REQUEST, TRANS, NO},
        {400, "content_filter", NULL, FAILURE_CONTENT_FILTER, REQ, NO},
        {403, NULL, "flagged as violence", FAILURE_CONTENT_FILTER, AUTH, NO},
    };
    CHECK(lines);
}

static void a_refused_key_is_not_confused_with_a_refused_request(void)
{
    static const struct line lines[] = {
        {400, "api_key_invalid", NULL, FAILURE_AUTHENTICATION, REQ, NO},
        {400, NULL, "api key not valid", FAILURE_AUTHENTICATION, REQ, NO},
        {403, NULL, "authorization failed", FAILURE_AUTHENTICATION, AUTH, NO},
        {403, "unsupported_country_region_territory", NULL, FAILURE_PERMISSION, AUTH, NO},
        {400, NULL, "your location is not supported", FAILURE_PERMISSION, REQ, NO},
        {400, "model_not_found", NULL, FAILURE_MODEL_NOT_FOUND, REQ, NO},
        {400, NULL, "the model x does not exist", FAILURE_MODEL_NOT_FOUND, REQ, NO},
        {404, NULL, "404 page not found", FAILURE_OTHER, MODEL, NO},
        {404, NULL, "not found.", FAILURE_OTHER, MODEL, NO},
        {404, NULL, "model x not found", FAILURE_MODEL_NOT_FOUND, MODEL, NO},
        {401, NULL, "rate limit for api keys", FAILURE_AUTHENTICATION, AUTH, NO},
        {500, NULL, "the author is unauthorized", FAILURE_UPSTREAM_5XX, TRANS, YES},
    };
    CHECK(lines);
}

static void a_temporary_failure_is_retryable(void)
{
    static const struct line lines[] = {
        {429, "engine_overloaded_error", NULL, FAILURE_OVERLOADED, RATE, YES},
        {500, NULL, "the model is overloaded", FAILURE_OVERLOADED, TRANS, YES},
        {498, NULL, "capacity exceeded", FAILURE_OVERLOADED, TRANS, YES},
        {500, NULL, "the upstream timed out", FAILURE_TIMEOUT, TRANS, YES},
        {503, NULL, "upstream connect error", FAILURE_UPSTREAM_5XX, TRANS, YES},
        {424, "generation", NULL, FAILURE_UPSTREAM_5XX, TRANS, YES},
        {409, "conflict", NULL, FAILURE_OTHER, PROV, YES},
        {409, NULL, "please try again later", FAILURE_OTHER, PROV, YES},
        {403, "ratelimit", NULL, FAILURE_PERMISSION, AUTH, NO},
    };
    CHECK(lines);
}

static void an_error_under_a_2xx_has_only_its_words(void)
{
    static const struct line lines[] = {
        {200, "rate_limit_exceeded", NULL, FAILURE_RATE_LIMIT, RATE, YES},
        {200, "requests_per_minute_exceeded", NULL, FAILURE_RATE_LIMIT, RATE, YES},
        {200, "tpm_limit_exceeded", NULL, FAILURE_RATE_LIMIT, RATE, YES},
        {200, "tenant_rate_limited", NULL, FAILURE_RATE_LIMIT, RATE, YES},
        {200, "usage_limit_reached", NULL, FAILURE_RATE_LIMIT, RATE, YES},
        {200, NULL, "too many requests", FAILURE_RATE_LIMIT, RATE, YES},
        {200, "invalid_api_key", NULL, FAILURE_AUTHENTICATION, AUTH, NO},
        {200, NULL, "no such model", FAILURE_MODEL_NOT_FOUND, MODEL, NO},
        {200, "invalid_request_error", NULL, FAILURE_INVALID_REQUEST, REQ, NO},
        {200, "permission_denied", NULL, FAILURE_PERMISSION, AUTH, NO},
        {200, "server_error", NULL, FAILURE_UPSTREAM_5XX, TRANS, YES},
        {200, "deadline_exceeded", NULL, FAILURE_TIMEOUT, TRANS, YES},
        {200, "overloaded_error", NULL, FAILURE_OVERLOADED, TRANS, YES},
    };
    CHECK(lines);
}

static void statuses_that_say_nothing_leave_it_to_the_sentence(void)
{
    static const struct line lines[] = {
        {418, NULL, "api key invalid", FAILURE_AUTHENTICATION, AUTH, NO},
        {418, NULL, "auth token expired", FAILURE_AUTHENTICATION, AUTH, NO},
        {418, NULL, "the requested model was not found", FAILURE_MODEL_NOT_FOUND, MODEL, NO},
        {418, NULL, "rate limit exceeded upstream", FAILURE_RATE_LIMIT, RATE, NO},
        {418, NULL, "an author wrote this", FAILURE_OTHER, PROV, NO},
    };
    CHECK(lines);
}

static void a_delay_makes_a_refusal_temporary(void)
{
    static const struct {
        struct line line;
        bool retryable;
    } cases[] = {
        {{402, NULL, "later", FAILURE_QUOTA_EXHAUSTED, PROV, NO}, true},
        {{424, NULL, "later", FAILURE_OTHER, PROV, NO}, true},
        {{400, NULL, "later", FAILURE_INVALID_REQUEST, REQ, NO}, false},
        {{401, NULL, "later", FAILURE_AUTHENTICATION, AUTH, NO}, false},
        {{429, "insufficient_quota", NULL, FAILURE_QUOTA_EXHAUSTED, RATE, NO}, false},
        {{429, NULL, "you exceeded your current quota", FAILURE_RATE_LIMIT, RATE, NO}, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct failure_verdict verdict = judge(&cases[i].line, true, "");
        CU_ASSERT_EQUAL(verdict.reason, cases[i].line.reason);
        CU_ASSERT_EQUAL(verdict.retryable, cases[i].retryable);
    }
}

static void the_blamed_parameter_counts(void)
{
    static const struct line line = {400, NULL, "the model does not exist", FAILURE_MODEL_NOT_FOUND, REQ, NO};
    CU_ASSERT_EQUAL(judge(&line, false, "model").reason, FAILURE_MODEL_NOT_FOUND);
    CU_ASSERT_EQUAL(judge(&line, false, "").reason, FAILURE_MODEL_NOT_FOUND);
    CU_ASSERT_EQUAL(judge(&line, false, "messages").reason, FAILURE_INVALID_REQUEST);
}

static void some_providers_have_their_own_words(void)
{
    struct failure_evidence evidence = {.status = 400, .provider = "cerebras", .empty = true};
    CU_ASSERT_EQUAL(failure_judge(&evidence).reason, FAILURE_CONTEXT_LENGTH);
    evidence.provider = "openai";
    CU_ASSERT_EQUAL(failure_judge(&evidence).reason, FAILURE_INVALID_REQUEST);
    evidence = (struct failure_evidence){
        .status = 404, .provider = "", .html = true, .text = "model x not found"};
    CU_ASSERT_EQUAL(failure_judge(&evidence).reason, FAILURE_OTHER);
}

static void a_lasting_failure_is_marked(void)
{
    static const struct line quota = {429, "insufficient_quota", NULL, FAILURE_QUOTA_EXHAUSTED, RATE, NO},
                             status = {401, NULL, "no", FAILURE_AUTHENTICATION, AUTH, NO};
    CU_ASSERT_TRUE(judge(&quota, false, "").permanent);
    CU_ASSERT_FALSE(judge(&status, false, "").permanent);
}

static const struct unit_test tests[] = {
    {"a status alone decides", a_status_alone_decides},
    {"missing money is not a rate limit", missing_money_is_not_a_rate_limit},
    {"a request that is too large is not retryable", a_request_that_is_too_large_is_not_retryable},
    {"a refused key is not confused with a refused request",
     a_refused_key_is_not_confused_with_a_refused_request},
    {"a temporary failure is retryable", a_temporary_failure_is_retryable},
    {"an error under a 2xx has only its words", an_error_under_a_2xx_has_only_its_words},
    {"statuses that say nothing leave it to the sentence",
     statuses_that_say_nothing_leave_it_to_the_sentence},
    {"a delay makes a refusal temporary", a_delay_makes_a_refusal_temporary},
    {"the blamed parameter counts", the_blamed_parameter_counts},
    {"some providers have their own words", some_providers_have_their_own_words},
    {"a lasting failure is marked", a_lasting_failure_is_marked},
};

UNIT_MAIN("failure_rules", tests)
