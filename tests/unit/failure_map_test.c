/* An answer becomes a failure that can be shown: status, delay, retryable, message without keys. */
#include "errors/failure_map.h"

#include <stdio.h>
#include <string.h>

#include "base/failure.h"
#include "format/response_head.h"
#include "unit.h"

#define ROOM 8192

static struct secret keys[] = {{.bytes = (char *)"the-key-of-the-provider", .length = 23}};

/* Makes a failure from a status, one header (NULL: none) and a body. */
static struct failure map(int status, const char *name, const char *value, const char *body)
{
    struct name_value header = {(char *)name, (char *)value};
    struct response_head head = {.headers = {name ? 1 : 0, &header}};
    struct provider_answer answer = {
        .status = status, .head = &head, .body = {body, strlen(body)}, .secrets = {keys, 1}};
    struct failure why;
    CU_ASSERT_FALSE(failure_map(&why, &answer));
    CU_ASSERT_EQUAL(why.source, SOURCE_PROVIDER);
    CU_ASSERT_EQUAL(why.provider_status, status);
    return why;
}

static void the_client_gets_the_provider_s_status(void)
{
    static const struct {
        int status;
        const char *body;
        int wanted;
    } cases[] = {
        {400, "", 400},
        {401, "", 401},
        {418, "", 418},
        {499, "", 499},
        {500, "", 500},
        {529, "", 529},
        {599, "", 599},
        {400, "{\"error\":{\"code\":429}}", 400}, /* the status it was sent with counts */
        {302, "", 502},
        {304, "", 502},
        {100, "", 502},
        {0, "", 502},
        {999, "", 502},
        {200, "{\"error\":\"x\"}", 502},
        {200, "{\"error\":{\"code\":429}}", 429},
        {200, "{\"error\":{\"status_code\":\"503\"}}", 503},
        {201, "{\"error\":{\"type\":\"rate_limit_error\"}}", 429},
        {200, "{\"error\":{\"code\":\"model_not_found\"}}", 404},
        {200, "{\"error\":{\"code\":200}}", 502},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_EQUAL(map(cases[i].status, NULL, NULL, cases[i].body).status, cases[i].wanted);
}

static void the_headers_delay_takes_precedence_over_the_bodys(void)
{
    static const char body[] = "{\"error\":{\"message\":\"try again in 9s\"}}";
    CU_ASSERT_EQUAL(map(429, NULL, NULL, body).retry_after_ms, 9000);
    CU_ASSERT_EQUAL(map(429, "Retry-After", "7", body).retry_after_ms, 7000);
    CU_ASSERT_EQUAL(map(429, "retry-after", "0", body).retry_after_ms, 0);
    CU_ASSERT_EQUAL(map(429, "retry-after-ms", "1500", body).retry_after_ms, 1500);
    CU_ASSERT_EQUAL(map(429, "retry-after-ms", "0.5", body).retry_after_ms, 0);
    CU_ASSERT_EQUAL(map(429, "Retry-After", "soon", body).retry_after_ms, 9000);
    CU_ASSERT_EQUAL(map(429, "Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT", body).retry_after_ms, 0);
    CU_ASSERT_EQUAL(map(429, NULL, NULL, "no").retry_after_ms, -1);
    CU_ASSERT_EQUAL(map(500, NULL, NULL, "").retry_after_ms, -1);
}

static void the_providers_advice_is_followed_unless_the_answer_contradicts_it(void)
{
    CU_ASSERT_FALSE(map(500, "x-should-retry", "false", "").retryable);
    CU_ASSERT_TRUE(map(500, "x-should-retry", "true", "").retryable);
    CU_ASSERT_TRUE(map(409, "X-Should-Retry", "TRUE", "").retryable);
    CU_ASSERT_FALSE(map(409, NULL, NULL, "").retryable);
    CU_ASSERT_FALSE(
        map(429, "x-should-retry", "true", "{\"error\":{\"code\":\"insufficient_quota\"}}").retryable);
    CU_ASSERT_TRUE(map(500, "x-should-retry", "perhaps", "").retryable);
}

static void missing_members_are_derived(void)
{
    struct failure why = map(429, NULL, NULL, "no");
    CU_ASSERT_STRING_EQUAL(why.type, "rate_limit_error");
    CU_ASSERT_STRING_EQUAL(why.code, "rate_limit_exceeded");
    CU_ASSERT_STRING_EQUAL(why.param, "");
    why = map(429, NULL, NULL, "{\"error\":{\"type\":\"own\",\"code\":\"its\",\"param\":\"one\"}}");
    CU_ASSERT_STRING_EQUAL(why.type, "own");
    CU_ASSERT_STRING_EQUAL(why.code, "its");
    CU_ASSERT_STRING_EQUAL(why.param, "one");
}

static void the_message_is_fit_to_be_shown(void)
{
    static const struct {
        const char *body, *wanted;
    } cases[] = {
        {"", "Provider request failed"},
        {" \n\t", "Provider request failed"},
        {"{\"error\":{\"message\":\"  \"}}", "{\"error\":{\"message\":\" \"}}"},
        {"{\"error\":{\"message\":\"one\\ntwo\\t three\\u00a0\\u2028four\"}}", "one two three four"},
        {"\xff\xfe bad", "\xef\xbf\xbd\xef\xbf\xbd bad"},
        {"{\"a\":1}", "{\"a\":1}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_STRING_EQUAL(map(400, NULL, NULL, cases[i].body).message, cases[i].wanted);
}

/* 200 code points stay, of 201 the first 197; no character is cut in two. */
static void long_messages_are_cut(void)
{
    for (size_t points = 199; points <= 202; points++) {
        char text[ROOM] = "";
        for (size_t i = 0; i < points; i++)
            strcat(text, i % 2 ? "\xc3\xa9" : "e");
        struct failure why = map(400, NULL, NULL, text);
        size_t kept = points > 200 ? 197 : points, bytes = kept + kept / 2;
        CU_ASSERT_EQUAL(strlen(why.message), bytes + (points > 200 ? 3 : 0));
        CU_ASSERT_EQUAL(memcmp(why.message, text, bytes), 0);
        CU_ASSERT_STRING_EQUAL(why.message + bytes, points > 200 ? "..." : "");
    }
}

static void no_member_shows_a_key(void)
{
    static const char body[] = "{\"error\":{\"message\":\"bad key the-key-of-the-provider!\","
                               "\"type\":\"the-key-of-the-provider\",\"code\":\"x the-key-of-the-provider\","
                               "\"param\":\"sk-0123456789\"}}";
    struct failure why = map(401, NULL, NULL, body);
    CU_ASSERT_STRING_EQUAL(why.message, "bad key [redacted]!");
    CU_ASSERT_STRING_EQUAL(why.type, "[redacted]");
    CU_ASSERT_STRING_EQUAL(why.code, "x [redacted]");
    CU_ASSERT_STRING_EQUAL(why.param, "[redacted]");
}

/* `at` bytes of `filler` with a blank behind them, and then the key, as the member `name` of an error. */
static struct failure map_key_at(const char *name, size_t at, char filler)
{
    char body[ROOM] = "", pad[ROOM / 2] = "";
    memset(pad, filler, at - 1);
    pad[at - 1] = ' ';
    snprintf(body, sizeof body, "{\"error\":{\"%s\":\"%s%s\"}}", name, pad, keys[0].bytes);
    return map(401, NULL, NULL, body);
}

/* A key may begin anywhere in a long text, and half of it must not be shown either. Tests the limits of a
 * word, of a message and of the text that is searched. */
static void no_cut_shows_half_a_key(void)
{
    for (size_t at = 90; at < 130; at++)
        CU_ASSERT_PTR_NULL(strstr(map_key_at("code", at, 'x').code, "the"));
    for (size_t at = 170; at < 210; at++)
        CU_ASSERT_PTR_NULL(strstr(map_key_at("message", at, 'x').message, "the"));
    for (size_t at = 4060; at < 4095; at++)
        CU_ASSERT_PTR_NULL(strstr(map_key_at("message", at, ' ').message, "the"));
}

static const struct unit_test tests[] = {
    {"the client gets the provider's status", the_client_gets_the_provider_s_status},
    {"the header's delay takes precedence over the body's",
     the_headers_delay_takes_precedence_over_the_bodys},
    {"the provider's advice is followed unless the answer contradicts it",
     the_providers_advice_is_followed_unless_the_answer_contradicts_it},
    {"missing members are derived", missing_members_are_derived},
    {"the message is fit to be shown", the_message_is_fit_to_be_shown},
    {"long messages are cut", long_messages_are_cut},
    {"no member shows a key", no_member_shows_a_key},
    {"no cut shows half a key", no_cut_shows_half_a_key},
};

UNIT_MAIN("failure_map", tests)
