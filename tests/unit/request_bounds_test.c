/* What a request may cost at most is read as the most generous parser would read it. */
#include "usage/request_bounds.h"

#include <string.h>

#include "format/json_number.h"
#include "unit.h"

static struct json_value root_of(const char *text)
{
    struct json_value root = {0};
    struct json_fault fault;
    CU_ASSERT_TRUE_FATAL(
        json_check((struct json_value){text, strlen(text)}, 64, JSON_UTF8_STRICT, &root, &fault));
    return root;
}

static void numbers_are_read_generously(void)
{
    static const struct {
        const char *text;
        int64_t number;
    } cases[] = {
        {"10", 10},
        {"10.0", 10},
        {"10.000000000000000000000000000000000000000000", 10},
        {"10.2", 11},
        {"1e3", 1000},
        {"1E+3", 1000},
        {"0.3e1", 3},
        {"1000e-2", 10},
        {"-5", -5},
        {"-0", 0},
        {"1e400", INT64_MAX},
        {"-1e400", -INT64_MAX},
        {"123456789012345678901234567890", INT64_MAX},
        {"\"10\"", 10},
        {"\" \\t10\\n\"", 10},
        {"\"+10\"", 10},
        {"\"-10\"", -10},
        {"\"10.0\"", 10},
        {"\"1e3\"", 1000},
        {"\"\\u0031\\u0030\"", 10},
        {"\"1_000\"", 1000},
        {"\"1,000\"", 1000},
        {"\"0x10\"", 16},
        {"\"0b101\"", 5},
        {"\"0o17\"", 15},
        {"\"00000000000000000000000000000000000000000000000000000000000000000000000000010\"", 10},
        {"\"10 tokens\"", 10},
        {"\"10\\u0000\"", 10},
        {"\"\xef\xbc\x91\xef\xbc\x90\"", INT64_MAX}, /* full-width digits, which Python reads */
        {"\"1\xef\xbc\x90\"", INT64_MAX},
        {"\"Infinity\"", INT64_MAX},
        {"\"inf\"", INT64_MAX},
        {"\"NaN\"", JSON_NO_NUMBER},
        {"\"\"", JSON_NO_NUMBER},
        {"\"ten\"", JSON_NO_NUMBER},
        {"true", 1},
        {"false", 0},
        {"null", JSON_NO_NUMBER},
        {"{\"n\":10}", JSON_NO_NUMBER},
        {"[]", JSON_NO_NUMBER},
        {"[10]", 10},
        {"[[\"10\"],20]", 20},
        {"[[[[[[10]]]]]]", INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (json_largest_number(root_of(cases[i].text)) != cases[i].number)
            CU_FAIL(cases[i].text);
    CU_ASSERT_EQUAL(json_largest_number((struct json_value){0}), JSON_NO_NUMBER);
}

static void the_largest_bound_counts(void)
{
    static const struct {
        const char *body;
        int64_t answers, completion;
    } cases[] = {
        {"{}", 1, -1},
        {"{\"max_tokens\":10}", 1, 10},
        {"{\"max_tokens\":\"10\",\"n\":10.0}", 10, 100},
        {"{\"max_tokens\":1,\"max_completion_tokens\":4000}", 1, 4000},
        {"{\"max_completion_tokens\":1,\"max_tokens\":4e3,\"max_output_tokens\":2}", 1, 4000},
        {"{\"max_tokens\":1,\"n_predict\":4000}", 1, 4000},
        {"{\"max_tokens\":10,\"max_completion_tokens\":null}", 1, 10},
        {"{\"max_tokens\":0}", 1, -1},
        {"{\"max_tokens\":-1}", 1, -1},
        {"{\"max_tokens\":10,\"n_predict\":-1}", 1, -1},
        {"{\"max_tokens\":{}}", 1, -1},
        {"{\"max_tokens\":\"many\"}", 1, -1},
        {"{\"max_tokens\":1e300}", 1, -1},
        {"{\"max_tokens\":10,\"n\":0}", 1, 10},
        {"{\"max_tokens\":10,\"n\":-3}", 1, 10},
        {"{\"max_tokens\":10,\"n\":\"abc\"}", 1, 10},
        {"{\"max_tokens\":10,\"n\":2,\"best_of\":\" 5 \"}", 5, 50},
        {"{\"max_tokens\":10,\"n\":1e300}", REQUEST_TOKENS_MAX, REQUEST_TOKENS_MAX},
        {"{\"max_tokens\":10,\"prompt\":[\"a\",\"b\",\"c\"],\"n\":2}", 6, 60},
        {"{\"max_tokens\":10,\"prompt\":[[1,2],[3]]}", 2, 20},
        {"{\"max_tokens\":10,\"prompt\":[1,2,3]}", 1, 10},
        {"{\"max_tokens\":10,\"prompt\":\"a\"}", 1, 10},
        {"{\"max_tokens\":10,\"prompt\":[]}", 1, 10},
        {"{\"max_tokens\":10,\"extra_body\":{\"max_tokens\":50,\"n\":3}}", 3, 150},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct json_value body = root_of(cases[i].body);
        if (request_answers_max(body) != cases[i].answers ||
            request_completion_max(body) != cases[i].completion)
            CU_FAIL(cases[i].body);
    }
    CU_ASSERT_EQUAL(request_answers_max((struct json_value){0}), 1);
    CU_ASSERT_EQUAL(request_completion_max((struct json_value){0}), -1);
}

static const struct unit_test tests[] = {
    {"numbers are read as the most generous parser reads them", numbers_are_read_generously},
    {"of several bounds the largest counts", the_largest_bound_counts},
};

UNIT_MAIN("request_bounds", tests)
