/* Token counts and cost of a request, and the reason recorded for a failure. */
#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"
#include "answers.h"
#include "base/failure.h"
#include "format/json.h"
#include "kinds.h"
#include "outcome.h"
#include "usage/price.h"
#include "usage/price_file.h"
#include "usage/provider_json.h"
#include "usage/token_usage.h"

/* The words of the older systems for our counts. */
static const struct {
    const char *word;
    size_t field;
} words[] = {
    {"tokens_in", offsetof(struct token_usage, prompt)},
    {"tokens_out", offsetof(struct token_usage, completion)},
    {"tokens_total", offsetof(struct token_usage, total)},
    {"tokens_reasoning", offsetof(struct token_usage, reasoning)},
    {"cache_creation_tokens", offsetof(struct token_usage, cache_write)},
    {"input_tokens", offsetof(struct token_usage, prompt)},
    {"output_tokens", offsetof(struct token_usage, completion)},
    {"total_tokens", offsetof(struct token_usage, total)},
    {"prompt_tokens", offsetof(struct token_usage, prompt)},
    {"completion_tokens", offsetof(struct token_usage, completion)},
    {"cached_tokens", offsetof(struct token_usage, cached)},
};

static struct token_usage read_usage(const cJSON *input)
{
    struct token_usage usage = token_usage_unknown();
    struct json_value root;
    struct json_fault fault;
    char *printed = cJSON_PrintUnformatted(input);
    struct json_value text = {printed, strlen(printed)};
    if (!json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        give_up("cJSON prints what is no JSON");
    struct provider_json said = provider_json_read(root);
    token_usage_read(&said, &usage);
    free(printed);
    return usage;
}

void check_usage_extract(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct token_usage usage = read_usage(input);
    const cJSON *wanted;
    cJSON_ArrayForEach(wanted, expected)
    {
        size_t word = 0;
        while (word < sizeof words / sizeof *words && strcmp(words[word].word, wanted->string) != 0)
            word++;
        if (word == sizeof words / sizeof *words) {
            outcome->unknown = true;
            return;
        }
        int64_t ours = *(const int64_t *)(const void *)((const char *)&usage + words[word].field);
        outcome_number(outcome, wanted->string, (double)ours, wanted);
    }
}

static double number(const cJSON *input, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(input, name);
    return cJSON_IsNumber(member) ? member->valuedouble : -1;
}

/* Compares billionths of a dollar, because outcome_number() ignores differences below half a thousandth. */
void check_cost(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct price price = {number(input, "usd_per_million_input"), number(input, "usd_per_million_output"), -1,
                          -1};
    struct token_usage usage = token_usage_unknown();
    usage.source = USAGE_PROVIDER;
    usage.prompt = (int64_t)number(input, "input_tokens");
    usage.completion = (int64_t)number(input, "output_tokens");
    usage.total = usage.prompt + usage.completion;
    cJSON *billionths = cJSON_CreateNumber(number(expected, "cost_usd") * 1e9);
    outcome_number(outcome, "cost_usd", (double)price_cost(&price, &usage), billionths);
    cJSON_Delete(billionths);
}

void check_classify_record(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct failure why = answer_failure((int)number(input, "status_code"), "", 0, NULL);
    outcome_word(outcome, "error_category", failure_category_name(why.category),
                 cJSON_GetObjectItemCaseSensitive(expected, "error_category"));
}
