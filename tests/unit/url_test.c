/* Parsing and escaping of URLs. */
#include "base/url.h"

#include <string.h>

#include "base/arena.h"
#include "unit.h"

static void urls_are_parsed(void)
{
    struct url url;
    CU_ASSERT_EQUAL_FATAL(url_parse("https://me:pw@[::1]:81/v1/chat?a=b", &url), URL_OK);
    CU_ASSERT_STRING_EQUAL(url.user, "me");
    CU_ASSERT_STRING_EQUAL(url.password, "pw");
    CU_ASSERT_STRING_EQUAL(url.host, "[::1]");
    CU_ASSERT_STRING_EQUAL(url.port, "81");
    CU_ASSERT_STRING_EQUAL(url.path, "/v1/chat");
    CU_ASSERT_STRING_EQUAL(url.query, "a=b");
    url_free(&url);
    CU_ASSERT_EQUAL_FATAL(url_parse("redis://h", &url), URL_OK);
    CU_ASSERT_PTR_NULL(url.user);
    CU_ASSERT_PTR_NULL(url.port);
    CU_ASSERT_STRING_EQUAL(url.host, "h");
    url_free(&url);
}

static void each_fault_has_its_message(void)
{
    struct url url;
    CU_ASSERT_EQUAL(url_parse("redis://", &url), URL_NO_HOST);
    CU_ASSERT_EQUAL(url_parse("http://h:port/", &url), URL_BAD_PORT);
    CU_ASSERT_EQUAL(url_parse("http://h:65536/", &url), URL_BAD_PORT);
    CU_ASSERT_NOT_EQUAL(url_parse("", &url), URL_OK);
    CU_ASSERT_PTR_NULL(url.host);
}

static void expect_host(const char *text, const char *wanted)
{
    char host[64];
    url_name_host(text, host, sizeof host);
    CU_ASSERT_STRING_EQUAL(host, wanted);
}

static void messages_name_the_host(void)
{
    expect_host("https://api.openai.com/v1", "api.openai.com");
    expect_host("http://127.0.0.1:8080/v1?key=secret", "127.0.0.1:8080");
    expect_host("http://[::1]:80", "[::1]:80");
    expect_host("no URL", "the provider");
}

static void percent_encoding_goes_both_ways(void)
{
    static const struct {
        const char *encoded, *text;
    } cases[] = {
        {"", ""},         {"a", "a"},     {"%61b", "ab"}, {"a%2Fb%2fc", "a/b/c"}, {"100%", "100%"},
        {"%4", "%4"},     {"%zz", "%zz"}, {"%00", "%00"}, {"a%00b%20", "a%00b "}, {"%C3%A9", "\xc3\xa9"},
        {"%2525", "%25"}, {"a+b", "a+b"},
    };
    struct arena *arena = arena_create();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_STRING_EQUAL(url_percent_decode(arena, cases[i].encoded, strlen(cases[i].encoded)),
                               cases[i].text);
    CU_ASSERT_STRING_EQUAL(url_percent_decode(arena, "a%20b%20c", 5), "a b");
    CU_ASSERT_STRING_EQUAL(url_percent_encode(arena, ""), "");
    CU_ASSERT_STRING_EQUAL(url_percent_encode(arena, "gpt-4.1_x~"), "gpt-4.1_x~");
    CU_ASSERT_STRING_EQUAL(url_percent_encode(arena, "a/b c?\xc3\xa9%"), "a%2Fb%20c%3F%C3%A9%25");
    arena_destroy(arena);
}

static const struct unit_test tests[] = {
    {"URLs are parsed", urls_are_parsed},
    {"each fault has its message", each_fault_has_its_message},
    {"messages name the host", messages_name_the_host},
    {"percent-encoding goes both ways", percent_encoding_goes_both_ways},
};

UNIT_MAIN("url", tests)
