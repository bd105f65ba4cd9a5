/* What a provider says that a request used, wherever it says it. */
#include "usage_read.h"

#include "answer.h"
#include "usage.h"

/* A count that is there and makes sense; anything else leaves what was known. */
static void read_count(struct json_value object, const char *name, int64_t *count)
{
    int64_t number;
    if (json_integer(json_get(object, name), &number) && number >= 0)
        *count = number;
}

/* OpenAI's shape (API reference, "The usage object"), and Groq's "x_groq". */
static struct json_value find_usage(const struct answer *answer)
{
    struct json_value usage = answer->members[ANSWER_USAGE];
    if (json_kind(usage) != '{')
        usage = json_get(answer->members[ANSWER_X_GROQ], "usage");
    return usage;
}

bool usage_read(const struct answer *answer, struct usage *usage)
{
    struct json_value counts = find_usage(answer);
    if (json_kind(counts) != '{')
        return false;
    read_count(counts, "prompt_tokens", &usage->prompt);
    read_count(counts, "completion_tokens", &usage->completion);
    read_count(counts, "total_tokens", &usage->total);
    read_count(counts, "prompt_cache_hit_tokens", &usage->cached); /* DeepSeek */
    read_count(json_get(counts, "prompt_tokens_details"), "cached_tokens", &usage->cached);
    read_count(json_get(counts, "completion_tokens_details"), "reasoning_tokens", &usage->reasoning);
    if (usage->total < 0 && usage->prompt >= 0 && usage->completion >= 0)
        usage->total = usage->prompt + usage->completion;
    bool any = usage->prompt >= 0 || usage->completion >= 0 || usage->total >= 0;
    if (any)
        usage->source = USAGE_PROVIDER;
    return any;
}
