/* Token counts are found in all places, taken unchanged, and estimated if there are none. */

#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "usage/provider_json.h"
#include "usage/token_estimate.h"
#include "usage/token_usage.h"

#define NONE TOKENS_UNKNOWN

static struct json_value parse(const char *text)
{
    struct json_value root;
    struct json_fault fault;
    if (!json_check((struct json_value){text, strlen(text)}, JSON_DEPTH_MAX, JSON_UTF8_STRICT, &root, &fault))
        abort(); /* the test itself is wrong */
    return root;
}

static bool take(struct token_usage *usage, const char *text)
{
    struct provider_json said = provider_json_read(parse(text));
    return token_usage_read(&said, usage);
}

struct counts {
    const char *said;
    int64_t prompt, completion, total, cached, reasoning, cache_write;
};

static void expect(const struct counts *wanted, const struct token_usage *usage)
{
    bool same = usage->prompt == wanted->prompt && usage->completion == wanted->completion &&
                usage->total == wanted->total && usage->cached == wanted->cached &&
                usage->reasoning == wanted->reasoning && usage->cache_write == wanted->cache_write;
    CU_ASSERT_TRUE(same);
    if (!same)
        printf("\n%s\n  gives %lld %lld %lld %lld %lld %lld\n", wanted->said, (long long)usage->prompt,
               (long long)usage->completion, (long long)usage->total, (long long)usage->cached,
               (long long)usage->reasoning, (long long)usage->cache_write);
}

static void expect_all(const struct counts *cases, size_t count, bool found)
{
    for (size_t i = 0; i < count; i++) {
        struct token_usage usage = token_usage_unknown();
        CU_ASSERT_EQUAL(take(&usage, cases[i].said), found);
        CU_ASSERT_EQUAL(usage.source, found ? USAGE_PROVIDER : USAGE_NONE);
        expect(&cases[i], &usage);
    }
}

#define EXPECT_ALL(cases, found) expect_all(cases, sizeof(cases) / sizeof *(cases), found)

static void every_place_is_known(void)
{
    static const struct counts cases[] = {
        {"{\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":6,\"total_tokens\":11}}", 5, 6, 11, NONE,
         NONE, NONE},
        {"{\"usage\":{\"prompt_tokens\":50,\"completion_tokens\":60,\"total_tokens\":110,"
         "\"prompt_tokens_details\":{\"cached_tokens\":40,\"cache_write_tokens\":8},"
         "\"completion_tokens_details\":{\"reasoning_tokens\":33}}}",
         50, 60, 110, 40, 33, 8},
        {"{\"usage\":{\"prompt_tokens\":50,\"completion_tokens\":6,\"cached_tokens\":32}}", 50, 6, 56, 32,
         NONE, NONE},
        {"{\"usage\":{\"prompt_tokens\":50,\"completion_tokens\":6,\"prompt_cache_hit_tokens\":31,"
         "\"prompt_cache_miss_tokens\":19}}",
         50, 6, 56, 31, NONE, NONE},
        {"{\"usage\":{\"prompt_tokens\":50,\"completion_tokens\":9,\"reasoning_tokens\":4}}", 50, 9, 59, NONE,
         4, NONE},
        {"{\"usage\":null,\"x_groq\":{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}}", 1, 2, 3,
         NONE, NONE, NONE},
        {"{\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":70,"
         "\"input_tokens_details\":{\"cached_tokens\":64},\"output_tokens\":8,"
         "\"output_tokens_details\":{\"reasoning_tokens\":3},\"total_tokens\":78}}}",
         70, 8, 78, 64, 3, NONE},
        {"{\"usageMetadata\":{\"promptTokenCount\":9,\"candidatesTokenCount\":4,\"thoughtsTokenCount\":20,"
         "\"cachedContentTokenCount\":2,\"totalTokenCount\":33}}",
         9, 24, 33, 2, 20, NONE},
        {"{\"object\":\"list\",\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}", 8, NONE, 8, NONE, NONE,
         NONE},
    };
    EXPECT_ALL(cases, true);
}

static void anthropic_leaves_the_cache_out(void)
{
    static const struct counts cases[] = {
        {"{\"usage\":{\"input_tokens\":4,\"cache_read_input_tokens\":300,\"cache_creation_input_tokens\":20,"
         "\"output_tokens\":6}}",
         324, 6, 330, 300, NONE, 20},
        {"{\"usage\":{\"input_tokens\":4,\"output_tokens\":6}}", 4, 6, 10, NONE, NONE, NONE},
        /* counts with the names of both OpenAI and Anthropic include the cache */
        {"{\"usage\":{\"prompt_tokens\":304,\"cache_read_input_tokens\":300,\"completion_tokens\":6}}", 304,
         6, 310, 300, NONE, NONE},
        {"{\"usage\":{\"input_tokens\":304,\"input_tokens_details\":{\"cached_tokens\":300},"
         "\"cache_read_input_tokens\":300,\"output_tokens\":6}}",
         304, 6, 310, 300, NONE, NONE},
    };
    EXPECT_ALL(cases, true);
}

static void implausible_counts_are_unknown(void)
{
    static const struct counts nothing[] = {
        {"{}", NONE, NONE, NONE, NONE, NONE, NONE},
        {"{\"usage\":null}", NONE, NONE, NONE, NONE, NONE, NONE},
        {"{\"usage\":[7]}", NONE, NONE, NONE, NONE, NONE, NONE},
        {"{\"usage\":{\"prompt_tokens\":false,\"completion_tokens\":\"9\",\"total_tokens\":-1}}", NONE, NONE,
         NONE, NONE, NONE, NONE},
        {"{\"usage\":{\"prompt_tokens\":1.5,\"total_tokens\":99999999999999999999}}", NONE, NONE, NONE, NONE,
         NONE, NONE},
        {"{\"usage\":{\"cache_read_input_tokens\":0}}", NONE, NONE, NONE, 0, NONE, NONE},
        {"{\"usage\":{\"input_tokens\":9223372036854775807,\"output_tokens\":9223372036854775807,"
         "\"cache_read_input_tokens\":9223372036854775807}}",
         NONE, NONE, NONE, NONE, NONE, NONE},
    };
    static const struct counts some[] = {
        {"{\"usage\":{\"prompt_tokens\":6,\"prompt_tokens_details\":{\"cached_tokens\":\"6\"}}}", 6, NONE,
         NONE, NONE, NONE, NONE},
        {"{\"usage\":{\"prompt_tokens\":6,\"prompt_tokens_details\":null,\"completion_tokens\":2}}", 6, 2, 8,
         NONE, NONE, NONE},
    };
    EXPECT_ALL(nothing, false);
    EXPECT_ALL(some, true);
}

/* A total that is no sum, more cached than prompt tokens, more reasoning than completion tokens: kept
 * unchanged. */
static void contradictions_are_kept(void)
{
    static const struct counts cases[] = {
        {"{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2,\"total_tokens\":90,"
         "\"completion_tokens_details\":{\"reasoning_tokens\":78}}}",
         10, 2, 90, NONE, 78, NONE},
        {"{\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":2,\"prompt_tokens_details\":"
         "{\"cached_tokens\":99}}}",
         10, 2, 12, 99, NONE, NONE},
    };
    EXPECT_ALL(cases, true);
}

static void later_counts_replace_earlier_ones(void)
{
    struct token_usage usage = token_usage_unknown();
    take(&usage, "{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1,\"total_tokens\":8}}");
    take(&usage, "{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"total_tokens\":12}}");
    CU_ASSERT_FALSE(take(&usage, "{\"usage\":null}"));
    expect(&(struct counts){"the last frame", 7, 5, 12, NONE, NONE, NONE}, &usage);
    take(&usage, "{\"usage\":{\"completion_tokens\":6}}");
    expect(&(struct counts){"a part alone", 7, 6, 13, NONE, NONE, NONE}, &usage);
}

static void zeros_replace_nothing(void)
{
    struct token_usage usage = token_usage_unknown();
    CU_ASSERT_EQUAL(
        take(&usage, "{\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}}"), true);
    CU_ASSERT_EQUAL(usage.source, USAGE_NONE);
    take(&usage, "{\"usage\":{\"prompt_tokens\":10.0,\"completion_tokens\":5e0,\"total_tokens\":15.0}}");
    expect(&(struct counts){"numbers of any spelling", 10, 5, 15, NONE, NONE, NONE}, &usage);
    take(&usage, "{\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}}");
    expect(&(struct counts){"zeros at the end", 10, 5, 15, NONE, NONE, NONE}, &usage);
    take(&usage, "{\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":0,\"total_tokens\":12}}");
    expect(&(struct counts){"a zero beside a count", 12, 5, 17, NONE, NONE, NONE}, &usage);
    token_usage_add_estimate(&usage, 0);
    CU_ASSERT_EQUAL(usage.source, USAGE_PROVIDER);
    token_usage_add_estimate(&usage, 3);
    expect(&(struct counts){"and an estimate", 12, 8, 20, NONE, NONE, NONE}, &usage);
    CU_ASSERT_EQUAL(usage.source, USAGE_ESTIMATED);
}

static void anthropics_events_belong_together(void)
{
    struct token_usage usage = token_usage_unknown();
    take(&usage, "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":3,"
                 "\"cache_read_input_tokens\":500,\"cache_creation_input_tokens\":0,\"output_tokens\":1}}}");
    expect(&(struct counts){"the first event", 503, 1, 504, 500, NONE, 0}, &usage);
    take(&usage, "{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":40}}");
    expect(&(struct counts){"the output alone", 503, 40, 543, 500, NONE, 0}, &usage);
    take(&usage, "{\"type\":\"message_delta\",\"usage\":{\"input_tokens\":3,\"output_tokens\":41}}");
    expect(&(struct counts){"the input again", 503, 41, 544, 500, NONE, 0}, &usage);
}

static void characters_are_code_points(void)
{
    static const struct {
        const char *said;
        int64_t characters;
    } cases[] = {
        {"\"\"", 0},
        {"\"four\"", 4},
        {"\"f\u00fcnf\u20ac\"", 5},
        {"\"\\u00fc\\n\\\"\\\\x\"", 5},
        {"\"\\ud83d\\ude00\\uD83D\\uDE00!\"", 3},
        {"null", 0},
        {"[\"ab\",\"c\"]", 3},
        {"[[1,2,3],[4]]", 16},
        {"[{\"role\":\"user\",\"content\":\"abc\"},{\"role\":\"assistant\",\"content\":null}]", 3},
        {"[{\"content\":[{\"type\":\"text\",\"text\":\"abcd\"},{\"type\":\"image_url\",\"image_url\":"
         "{\"url\":\"data:image/png;base64,AAAA\"}}]}]",
         4},
        {"{\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"ab\",\"arguments\":"
         "\"{\\\"c\\\":1}\"}}]}",
         9},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_EQUAL(token_estimate_characters(parse(cases[i].said)), cases[i].characters);
}

static void an_estimate_is_a_quarter_rounded_up(void)
{
    struct token_usage usage = token_estimate_usage(parse("{\"messages\":[{\"content\":\"12345\"}]}"), 8);
    expect(&(struct counts){"five and eight", 2, 2, 4, NONE, NONE, NONE}, &usage);
    CU_ASSERT_EQUAL(usage.source, USAGE_ESTIMATED);
    usage = token_estimate_usage(parse("{\"instructions\":\"abcd\",\"input\":\"efgh\",\"prompt\":\"ij\"}"),
                                 1);
    expect(&(struct counts){"ten and one", 3, 1, 4, NONE, NONE, NONE}, &usage);
}

static struct token_usage reconciled(int64_t prompt, int64_t completion, int64_t total, int64_t cached,
                                     int64_t written, int64_t prompt_max)
{
    struct token_usage usage = token_usage_unknown();
    usage.prompt = prompt;
    usage.completion = completion;
    usage.total = total;
    usage.cached = cached;
    usage.cache_write = written;
    token_usage_reconcile(&usage, prompt_max);
    return usage;
}

static void more_of_the_cache_than_the_prompt_has_is_resolved(void)
{
    struct token_usage usage = reconciled(100, 5, 105, 60, 40, 0);
    expect(&(struct counts){"within", 100, 5, 105, 60, NONE, 40}, &usage);
    usage = reconciled(10, 5, 115, 60, 40, 0);
    expect(&(struct counts){"the total says beside", 110, 5, 115, 60, NONE, 40}, &usage);
    usage = reconciled(10, 5, 15, 60, 40, 110);
    expect(&(struct counts){"the text is long enough", 110, 5, 115, 60, NONE, 40}, &usage);
    usage = reconciled(10, 5, 15, 60, NONE, 69);
    expect(&(struct counts){"impossible", 10, 5, 15, 10, NONE, NONE}, &usage);
    usage = reconciled(10, 5, 15, 60, 4, 0);
    expect(&(struct counts){"impossible, in part written", 10, 5, 15, 6, NONE, 4}, &usage);
    usage = reconciled(10, NONE, 10, NONE, 40, 0);
    expect(&(struct counts){"impossible, all written", 10, NONE, 10, NONE, NONE, 10}, &usage);
}

static const struct unit_test tests[] = {
    {"more of the cache than the prompt has is resolved", more_of_the_cache_than_the_prompt_has_is_resolved},
    {"every place is known", every_place_is_known},
    {"Anthropic leaves the cache out", anthropic_leaves_the_cache_out},
    {"implausible counts are unknown", implausible_counts_are_unknown},
    {"contradictions are kept", contradictions_are_kept},
    {"later counts replace earlier ones", later_counts_replace_earlier_ones},
    {"zeros replace nothing", zeros_replace_nothing},
    {"Anthropic's events belong together", anthropics_events_belong_together},
    {"characters are code points", characters_are_code_points},
    {"an estimate is a quarter, rounded up", an_estimate_is_a_quarter_rounded_up},
};

UNIT_MAIN("token_usage", tests)
