/* Runs: valid IDs, failures that count, verdicts, and the errors of the run API. */
#include "routing/run.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "base/money.h"
#include "base/secret.h"
#include "errors/redact.h"
#include "format/splice.h"
#include "ledger/quota.h"
#include "protocol/runs/run_request.h"
#include "protocol/runs/run_response.h"
#include "unit.h"

#define ROOM 65536
#define POINTS_MAX 200 /* of a message */
#define ERRORS_MAX 1000000000000
#define UUID "0b5ae4f2-6f6e-4c53-9d55-52f2b2c2a5f1"

static struct arena *arena;
static struct failure why;
static struct buffer out;

static void begin(void)
{
    arena = arena_create();
    buffer_init(&out, ROOM);
}

static void end(void)
{
    buffer_free(&out);
    arena_destroy(arena);
}

static struct json_value json(const char *text)
{
    struct json_value given = {arena_copy(arena, text, strlen(text)), strlen(text)}, root = {0};
    struct json_fault fault;
    CU_ASSERT_TRUE(json_check(given, JSON_DEPTH_MAX, JSON_UTF8_STRICT, &root, &fault));
    return root;
}

static bool wrote(const char *text)
{
    bool same = out.length == strlen(text) && memcmp(out.bytes, text, out.length) == 0;
    if (!same)
        printf("\n  not %s\n  but %.*s", text, (int)out.length, out.bytes);
    buffer_free(&out);
    return same;
}

/* ---- ids ---- */

static void ids_are_visible_ascii(void)
{
    char longest[130];
    const char *run;
    memset(longest, '~', sizeof longest);
    longest[128] = '\0';
    CU_ASSERT_TRUE(run_from_header(longest, &run, &why) && run == longest);
    CU_ASSERT_TRUE(run_from_header("!", &run, &why) && run);
    CU_ASSERT_TRUE(run_from_header("", &run, &why) && !run);
    longest[128] = '~';
    longest[129] = '\0';
    static const char *const bad[] = {" ", "a b", "a\t", "\x7f", "\xc3\xa9"};
    CU_ASSERT_FALSE(run_from_header(longest, &run, &why));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_FALSE(run_from_header(bad[i], &run, &why));
        CU_ASSERT_PTR_NULL(run);
        CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_REQUEST);
    }
}

static bool from_metadata(const char *body, const char **run)
{
    struct splice splice;
    struct json_value text = {body, strlen(body)};
    CU_ASSERT_TRUE_FATAL(splice_open(&splice, arena, text, JSON_DEPTH_MAX, &why));
    return run_from_metadata(&splice, arena, run, &why);
}

static void metadata_names_a_run(void)
{
    static const char *const none[] = {"{}",
                                       "{\"metadata\":null}",
                                       "{\"metadata\":[{\"run_id\":\"a\"}]}",
                                       "{\"metadata\":{}}",
                                       "{\"metadata\":{\"run_id\":null}}",
                                       "{\"x\":{\"metadata\":{\"run_id\":\"a\"}}}"};
    static const char *const bad[] = {
        "{\"metadata\":{\"run_id\":\"\"}}",         "{\"metadata\":{\"run_id\":1}}",
        "{\"metadata\":{\"run_id\":\"a\\u0000\"}}", "{\"metadata\":{\"run_id\":\"a\",\"run_id\":\"a\"}}",
        "{\"metadata\":{},\"metadata\":{}}",        "{\"metadata\":{\"run_id\":{}}}"};
    const char *run = NULL;
    begin();
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CU_ASSERT_TRUE(from_metadata(none[i], &run) && !run);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        run = NULL;
        CU_ASSERT_FALSE(from_metadata(bad[i], &run));
        CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_REQUEST);
    }
    run = NULL;
    CU_ASSERT_TRUE(from_metadata("{\"metadata\":{\"a\":1,\"run_id\":\"\\u0061b\"}}", &run));
    CU_ASSERT_STRING_EQUAL(run, "ab");
    run = "known";
    CU_ASSERT_TRUE(from_metadata("{\"metadata\":{\"run_id\":\"other\"}}", &run));
    CU_ASSERT_STRING_EQUAL(run, "known");
    end();
}

/* ---- errors ---- */

static const char *provider;

static bool counts(enum failure_reason reason, int provider_status, int status)
{
    fail(&why, reason, "any");
    why.provider_status = provider_status;
    if (status)
        why.status = status;
    return run_error_counts(&why, provider);
}

static void what_counts_is_the_providers_or_the_networks(void)
{
    CU_ASSERT_TRUE(counts(FAILURE_UPSTREAM_5XX, 500, 500));
    CU_ASSERT_TRUE(counts(FAILURE_OVERLOADED, 503, 503));
    CU_ASSERT_TRUE(counts(FAILURE_TIMEOUT, 0, 0));
    CU_ASSERT_TRUE(counts(FAILURE_CONNECT, 0, 0));
    CU_ASSERT_TRUE(counts(FAILURE_DNS, 0, 0));
    CU_ASSERT_TRUE(counts(FAILURE_TLS, 0, 0));
    CU_ASSERT_TRUE(counts(FAILURE_UPSTREAM_CUT, 200, 0));
    CU_ASSERT_TRUE(counts(FAILURE_BAD_RESPONSE, 200, 0));
    CU_ASSERT_TRUE(counts(FAILURE_INVALID_REQUEST, 500, 500)); /* by the status, whatever the words */
    CU_ASSERT_FALSE(counts(FAILURE_RATE_LIMIT, 200, 429));
    CU_ASSERT_FALSE(counts(FAILURE_RATE_LIMIT, 429, 429));
    CU_ASSERT_FALSE(counts(FAILURE_INVALID_REQUEST, 400, 400));
    CU_ASSERT_FALSE(counts(FAILURE_AUTHENTICATION, 401, 401));
    CU_ASSERT_FALSE(counts(FAILURE_UPSTREAM_5XX, 520, 502));
    CU_ASSERT_FALSE(counts(FAILURE_OTHER, 302, 502));
    CU_ASSERT_FALSE(counts(FAILURE_UNAVAILABLE, 0, 0)); /* ours */
    CU_ASSERT_FALSE(counts(FAILURE_RUN_BLOCKED, 0, 0));
    CU_ASSERT_FALSE(counts(FAILURE_LIMIT_REACHED, 0, 0));
    provider = "own";
    CU_ASSERT_TRUE(counts(FAILURE_UNAVAILABLE, 0, 0)); /* it has failed others, and is left alone */
    CU_ASSERT_FALSE(counts(FAILURE_RUN_BLOCKED, 0, 0));
    fail(&why, FAILURE_AUTHENTICATION, "no key"); /* a gateway without a key is no provider's failure */
    why.source = SOURCE_GATEWAY;
    why.status = 503;
    CU_ASSERT_FALSE(run_error_counts(&why, provider));
    fail(&why, FAILURE_RATE_LIMIT, "cools down");
    why.source = SOURCE_GATEWAY;
    CU_ASSERT_FALSE(run_error_counts(&why, provider));
    provider = NULL;
}

/* ---- verdicts ---- */

static void refused(enum quota_verdict verdict, int64_t count, int64_t limit, const char *message)
{
    struct quota_status status = {.verdict = verdict, .count = count, .limit = limit, .retry_after_ms = -1};
    CU_ASSERT_FALSE(run_check(UUID, &status, &why));
    char shown[FAILURE_MESSAGE_SIZE];
    snprintf(shown, sizeof shown, "%s", why.message);
    redact(shown, sizeof shown, &(struct secrets){0});
    CU_ASSERT_STRING_EQUAL(shown, message);
    CU_ASSERT_FALSE(run_check(UUID, &status, NULL));
}

static void a_refusal_has_the_run_the_count_and_the_limit(void)
{
    refused(QUOTA_RUN_ERRORS, 5, 5, "run " UUID " is blocked: it has had 5 of 5 permitted inference errors");
    CU_ASSERT(why.status == 503 && why.reason == FAILURE_RUN_BLOCKED && !why.retryable);
    refused(QUOTA_RUN_COST, 1750000000, 1500000000, "run " UUID " is blocked: it has spent 1.75 of 1.5 USD");
    CU_ASSERT(why.status == 429 && why.reason == FAILURE_RUN_BLOCKED && !why.retryable);
    refused(QUOTA_RUN_BUSY, 1, MONEY_USD, "run " UUID " has spent or reserved 0.000000001 of 1 USD");
    CU_ASSERT(why.status == 429 && why.reason == FAILURE_LIMIT_REACHED && why.retryable);
    CU_ASSERT_TRUE(run_check(UUID, &(struct quota_status){.verdict = QUOTA_GRANTED}, &why));
    CU_ASSERT_TRUE(run_check(NULL, &(struct quota_status){.verdict = QUOTA_TOKENS}, &why));
    CU_ASSERT_TRUE(run_check(NULL, &(struct quota_status){.verdict = QUOTA_UNKNOWN}, &why));
}

static void the_longest_refusal_fits_into_a_message(void)
{
    char run[129];
    memset(run, 'x', sizeof run - 1);
    run[sizeof run - 1] = '\0';
    for (enum quota_verdict verdict = QUOTA_RUN_COST; verdict <= QUOTA_RUN_BUSY; verdict++) {
        int64_t number = verdict == QUOTA_RUN_ERRORS ? ERRORS_MAX : MONEY_MAX - 1;
        struct quota_status most = {.verdict = verdict, .count = number, .limit = number};
        CU_ASSERT_FALSE(run_check(run, &most, &why));
        CU_ASSERT(strlen(why.message) <= POINTS_MAX);
    }
}

/* ---- requests ---- */

static bool chat(const char *body)
{
    const char *run;
    return run_request_chat(arena, json(body), &out, &run, &why);
}

#define HEAD "{\"evaluation_run_id\":\"r\",\"model\":\"m\",\"temperature\":1,\"messages\":["

static void a_request_becomes_a_chat(void)
{
    begin();
    CU_ASSERT_TRUE(chat(HEAD "{\"role\":\"user\",\"content\":[{\"type\":\"text\"}],\"name\":\"n\"}],"
                             "\"tools\":[],\"tool_mode\":\"auto\",\"max_tokens\":3}"));
    CU_ASSERT_TRUE(
        wrote("{\"model\":\"m\",\"temperature\":1,"
              "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}],\"name\":\"n\"}]}"));
    CU_ASSERT_TRUE(chat(HEAD "],\"tool_mode\":\"required\",\"tools\":[{\"name\":\"\\u0074\"}]}"));
    CU_ASSERT_TRUE(wrote("{\"model\":\"m\",\"temperature\":1,\"messages\":[],\"tool_choice\":\"required\","
                         "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"\\u0074\","
                         "\"parameters\":{\"type\":\"object\",\"properties\":{},\"required\":[]}}}]}"));
    end();
}

static void what_cannot_be_read_is_named(void)
{
    static const struct {
        const char *body, *param;
    } bad[] = {
        {"[]", "the request"},
        {"{\"evaluation_run_id\":7}", "evaluation_run_id"},
        {"{\"evaluation_run_id\":\"r\",\"evaluation_run_id\":\"r\"}", "the request"},
        {"{\"evaluation_run_id\":\"r\",\"model\":[]}", "model"},
        {"{\"evaluation_run_id\":\"r\",\"model\":\"m\",\"temperature\":null}", "temperature"},
        {"{\"evaluation_run_id\":\"r\",\"model\":\"m\",\"temperature\":1}", "messages"},
        {HEAD "7]}", "messages[0]"},
        {HEAD "{\"role\":\"\"}]}", "messages[0]"},
        {HEAD "{\"role\":\"user\",\"content\":7}]}", "messages[0]"},
        {HEAD "],\"tools\":{}}", "tools"},
        {HEAD "],\"tool_mode\":7}", "tool_mode"},
        {HEAD "],\"tool_mode\":\"auto\",\"tools\":[7]}", "tools[0]"},
        {HEAD "],\"tool_mode\":\"auto\",\"tools\":[{\"name\":\"t\"},{}]}", "tools[1]"},
        {HEAD "],\"tool_mode\":\"auto\",\"tools\":[{\"name\":\"t\",\"description\":7}]}", "tools[0]"},
        {HEAD "],\"tool_mode\":\"auto\",\"tools\":[{\"name\":\"t\",\"parameters\":{}}]}", "tools[0]"},
        {HEAD "],\"tool_mode\":\"auto\",\"tools\":[{\"name\":\"t\",\"parameters\":[7]}]}", "tools[0]"},
        {HEAD
         "],\"tool_mode\":\"auto\",\"tools\":[{\"name\":\"t\",\"parameters\":[{\"name\":\"n\",\"type\":\"t\","
         "\"required\":1}]}]}",
         "tools[0]"},
    };
    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_FALSE(chat(bad[i].body));
        CU_ASSERT_STRING_EQUAL(why.param, bad[i].param);
        CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_REQUEST);
        buffer_free(&out);
    }
    end();
}

static void a_request_has_to_fit(void)
{
    begin();
    buffer_init(&out, 40);
    CU_ASSERT_FALSE(chat(HEAD "],\"tool_mode\":\"required\",\"tools\":[{\"name\":\"t\"}]}"));
    CU_ASSERT_EQUAL(why.reason, FAILURE_TOO_LARGE);
    end();
}

/* ---- answers ---- */

static bool answer(const char *message)
{
    return run_response_chat(arena, json(arena_format(arena, "{\"choices\":[{\"message\":%s},{}]}", message)),
                             &out, &why);
}

static void an_answer_is_content_and_calls(void)
{
    begin();
    CU_ASSERT_TRUE(answer("{}"));
    CU_ASSERT_TRUE(wrote("{\"content\":\"\",\"tool_calls\":[]}"));
    CU_ASSERT_TRUE(answer("{\"content\":[{\"type\":\"text\",\"text\":\"a\\n\"},7,{\"text\":\"b\"}]}"));
    CU_ASSERT_TRUE(wrote("{\"content\":\"a\\nb\",\"tool_calls\":[]}"));
    CU_ASSERT_TRUE(answer("{\"content\":7,\"tool_calls\":null}"));
    CU_ASSERT_TRUE(wrote("{\"content\":\"\",\"tool_calls\":[]}"));
    end();
}

static void arguments_that_cannot_be_read_are_none(void)
{
    static const char *const given[] = {"\"\"", "\"[1]\"", "\"{\\\"a\\\":1\"", "null", "7", "\"{\\u0000}\""};
    begin();
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        const char *call = arena_format(
            arena, "{\"tool_calls\":[7,{\"function\":{\"name\":\"t\",\"arguments\":%s}}]}", given[i]);
        CU_ASSERT_TRUE(answer(call));
        CU_ASSERT_TRUE(wrote("{\"content\":\"\",\"tool_calls\":[{\"name\":\"t\",\"arguments\":[]}]}"));
    }
    CU_ASSERT_TRUE(answer("{\"tool_calls\":[{\"function\":{\"name\":\"t\",\"arguments\":"
                          "\" {\\\"a\\\": {\\\"b\\\":[]}, \\\"c\\\":\\\"\\\\u00e9\\\"} \"}}]}"));
    CU_ASSERT_TRUE(wrote("{\"content\":\"\",\"tool_calls\":[{\"name\":\"t\",\"arguments\":["
                         "{\"name\":\"a\",\"value\":{\"b\":[]}},{\"name\":\"c\",\"value\":\"\\u00e9\"}]}]}"));
    end();
}

static void an_answer_without_a_message_is_none(void)
{
    static const char *const bad[] = {"{}", "{\"choices\":[]}", "{\"choices\":[{\"message\":\"a\"}]}",
                                      "{\"choices\":{\"message\":{}}}",
                                      "{\"data\":[{\"embedding\":\"AAAA\"}]}"};
    begin();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CU_ASSERT_FALSE(run_response_chat(arena, json(bad[i]), &out, &why));
        CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_RESPONSE);
        CU_ASSERT_FALSE(run_response_embedding(json(bad[i]), &out, &why));
        CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_RESPONSE);
    }
    end();
}

static const struct unit_test tests[] = {
    {"ids are visible ASCII", ids_are_visible_ascii},
    {"metadata names a run", metadata_names_a_run},
    {"what counts is the provider's or the network's", what_counts_is_the_providers_or_the_networks},
    {"a refusal has the run, the count and the limit", a_refusal_has_the_run_the_count_and_the_limit},
    {"the longest refusal fits into a message", the_longest_refusal_fits_into_a_message},
    {"a request becomes a chat", a_request_becomes_a_chat},
    {"what cannot be read is named", what_cannot_be_read_is_named},
    {"a request has to fit", a_request_has_to_fit},
    {"an answer is content and calls", an_answer_is_content_and_calls},
    {"arguments that cannot be read are none", arguments_that_cannot_be_read_are_none},
    {"an answer without a message is none", an_answer_without_a_message_is_none},
};

UNIT_MAIN("run", tests)
