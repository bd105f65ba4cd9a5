/* What a request may cost at most is read as the most generous parser would read it. */
#include "usage/request_bounds.h"

#include <stdio.h>
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
        struct request_bounds bounds = request_bounds_read(root_of(cases[i].body));
        if (bounds.answers != cases[i].answers || bounds.completion != cases[i].completion)
            CU_FAIL(cases[i].body);
    }
    struct request_bounds bounds = request_bounds_read((struct json_value){0});
    CU_ASSERT_EQUAL(bounds.answers, 1);
    CU_ASSERT_EQUAL(bounds.completion, -1);
}

/* Beside "max_tokens": 10 and in its place: other servers' words raise a bound and set none. */
static void other_words_only_raise_a_bound(void)
{
    static const struct {
        const char *member;
        int64_t answers, completion;
    } cases[] = {
        {"\"min_tokens\":4000", 1, 4000},
        {"\"min_completion_tokens\":\"4000\"", 1, 4000},
        {"\"maxTokens\":4000", 1, 4000},
        {"\"MaxTokens\":4000", 1, 4000},
        {"\"max-tokens\":4000", 1, 4000},
        {"\"max\\u0054okens\":4000", 1, 4000},
        {"\"max_to\xe2\x84\xaa"
         "ens2\":4000",
         1, 4000},
        {"\"max_new_tokens\":4000", 1, 4000},
        {"\"maxOutputTokens\":4000", 1, 4000},
        {"\"max_tokens_to_sample\":4e3", 1, 4000},
        {"\"max_gen_len\":4000", 1, 4000},
        {"\"num_predict\":-1", 1, -1},
        {"\"max_length\":0", 1, -1},
        {"\"options\":{\"num_predict\":4000}", 1, 4000},
        {"\"parameters\":{\"max_new_tokens\":4000}", 1, 4000},
        {"\"generationConfig\":{\"maxOutputTokens\":4000,\"candidateCount\":2}", 2, 8000},
        {"\"generation_config\":{\"max_output_tokens\":4000}", 1, 4000},
        {"\"inferenceConfig\":{\"maxTokens\":4000}", 1, 4000},
        {"\"extra_body\":{\"sampling_params\":{\"max_new_tokens\":4000}}", 1, 4000},
        {"\"fallbacks\":[{\"model\":\"x\",\"max_tokens\":4000}]", 1, 4000},
        {"\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":4000}", 1, 4010},
        {"\"reasoning\":{\"max_tokens\":4000}", 1, 4010},
        {"\"thinking_budget\":4000", 1, 4010},
        {"\"max_thinking_tokens\":4000", 1, 4010},
        {"\"max_thinking_length\":4000", 1, 4010},
        {"\"generationConfig\":{\"thinkingConfig\":{\"thinkingBudget\":-1}}", 1, -1},
        {"\"extra_body\":{\"google\":{\"thinking_config\":{\"thinking_budget\":4000}}}", 1, 4010},
        {"\"thinking_budget\":0", 1, 10},
        {"\"candidate_count\":3", 3, 30},
        {"\"candidateCount\":3.0", 3, 30},
        {"\"num_return_sequences\":\"3\"", 3, 30},
        {"\"parameters\":{\"num_return_sequences\":3}", 3, 30},
        {"\"num_generations\":3,\"n\":2", 3, 30},
        {"\"max_prompt_tokens\":4000,\"truncate_prompt_tokens\":1", 1, 10},
        {"\"metadata\":{\"max_tokens\":4000,\"n\":9}", 1, 10},
        {"\"tools\":[{\"function\":{\"parameters\":{\"n\":{\"type\":\"integer\"}}}}]", 1, 10},
        {"\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"n\":5,\"max_tokens\":4000}]", 1, 10},
        {"\"max_retries\":3,\"num_ctx\":4000,\"min_p\":0.5,\"stop_token_ids\":[4000]", 1, 10},
        {"\"max_completion_tokens\":null,\"reasoning_effort\":\"high\"", 1, 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char body[300];
        snprintf(body, sizeof body, "{\"max_tokens\":10,%s}", cases[i].member);
        struct request_bounds bounds = request_bounds_read(root_of(body));
        if (bounds.answers != cases[i].answers || bounds.completion != cases[i].completion)
            CU_FAIL(body);
        snprintf(body, sizeof body, "{\"messages\":[],%s}", cases[i].member);
        if (request_bounds_read(root_of(body)).completion != -1)
            CU_FAIL(body);
    }
}

static void each_dialect_has_its_own_bounds(void)
{
    static const struct {
        const char *body;
        int64_t completion;
    } cases[] = {
        {"{\"messages\":[],\"max_output_tokens\":10}", -1},
        {"{\"messages\":[],\"max_completion_tokens\":10}", 10},
        {"{\"messages\":[],\"max_completion_tokens\":10,\"max_output_tokens\":20}", 20},
        {"{\"prompt\":\"a\",\"max_tokens\":10}", 10},
        {"{\"prompt\":\"a\",\"max_output_tokens\":10}", -1},
        {"{\"input\":\"a\",\"max_output_tokens\":10}", 10},
        {"{\"input\":\"a\",\"max_tokens\":10}", -1},
        {"{\"input\":\"a\",\"max_tokens\":20,\"max_output_tokens\":10}", 20},
        {"{\"prompt\":{\"id\":\"p\"},\"input\":\"a\",\"max_output_tokens\":10}", 10},
        {"{\"messages\":[],\"input\":\"a\",\"max_output_tokens\":10}", -1},
        {"{\"messages\":[],\"input\":\"a\",\"max_output_tokens\":10,\"max_tokens\":20}", 20},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (request_bounds_read(root_of(cases[i].body)).completion != cases[i].completion)
            CU_FAIL(cases[i].body);
}

static const struct unit_test tests[] = {
    {"numbers are read as the most generous parser reads them", numbers_are_read_generously},
    {"of several bounds the largest counts", the_largest_bound_counts},
    {"other words only raise a bound", other_words_only_raise_a_bound},
    {"each dialect has its own bounds", each_dialect_has_its_own_bounds},
};

UNIT_MAIN("request_bounds", tests)
