/* What a provider says that a request used, wherever it says it.
 *
 * The names differ, the places differ, and some say one number twice; a table has them all. Counts are
 * cumulative wherever they come more than once: a later one replaces an earlier one, and nothing is added.
 * Numbers stay what the provider says, even where they contradict each other; only the price of them is
 * reckoned with care (price.c). */
#include "usage/usage_read.h"

#include <stddef.h>

#include "usage/provider_json.h"
#include "usage/token_usage.h"

#define COUNT_MAX INT64_C(1000000000000) /* of tokens, in one answer */

enum parent { TOP, PROMPT_DETAILS, INPUT_DETAILS, COMPLETION_DETAILS, OUTPUT_DETAILS, PARENTS };

static const char *const parents[PARENTS] = {
    [PROMPT_DETAILS] = "prompt_tokens_details",
    [INPUT_DETAILS] = "input_tokens_details",
    [COMPLETION_DETAILS] = "completion_tokens_details",
    [OUTPUT_DETAILS] = "output_tokens_details",
};

#define FIELD(name) offsetof(struct token_usage, name)

/* For each count the places in the order of trust: what stands lower wins. "prompt_tokens" and so on are
 * OpenAI's chat, "input_tokens" its Responses and Anthropic's, "...Count" Gemini's own. */
static const struct place {
    const char *name;
    enum parent parent;
    size_t field;
} places[] = {
    {"promptTokenCount", TOP, FIELD(prompt)},
    {"input_tokens", TOP, FIELD(prompt)},
    {"prompt_tokens", TOP, FIELD(prompt)},

    {"candidatesTokenCount", TOP, FIELD(completion)},
    {"output_tokens", TOP, FIELD(completion)},
    {"completion_tokens", TOP, FIELD(completion)},

    {"totalTokenCount", TOP, FIELD(total)},
    {"total_tokens", TOP, FIELD(total)},

    {"cachedContentTokenCount", TOP, FIELD(cached)},
    {"cache_read_input_tokens", TOP, FIELD(cached)}, /* Anthropic */
    {"cached_input_tokens", TOP, FIELD(cached)},
    {"prompt_cache_hit_tokens", TOP, FIELD(cached)}, /* DeepSeek */
    {"cached_tokens", TOP, FIELD(cached)},           /* Together, Moonshot */
    {"cached_tokens", INPUT_DETAILS, FIELD(cached)},
    {"cached_tokens", PROMPT_DETAILS, FIELD(cached)},

    {"cache_creation_input_tokens", TOP, FIELD(cache_write)}, /* Anthropic */
    {"cache_write_tokens", INPUT_DETAILS, FIELD(cache_write)},
    {"cache_write_tokens", PROMPT_DETAILS, FIELD(cache_write)},

    {"thoughtsTokenCount", TOP, FIELD(reasoning)},
    {"reasoning_output_tokens", TOP, FIELD(reasoning)},
    {"reasoning_tokens", TOP, FIELD(reasoning)}, /* SGLang */
    {"thinking_tokens", OUTPUT_DETAILS, FIELD(reasoning)},
    {"reasoning_tokens", OUTPUT_DETAILS, FIELD(reasoning)},
    {"reasoning_tokens", COMPLETION_DETAILS, FIELD(reasoning)},
};

/* A count that is there and makes sense; anything else leaves what was known. Sums of many are to be made of
 * them. */
static bool take_count(struct json_value value, int64_t *count)
{
    int64_t number;
    if (!json_integer(value, &number) || number < 0 || number > COUNT_MAX)
        return false;
    *count = number;
    return true;
}

static bool read_count(struct json_value object, const char *name, int64_t *count)
{
    return take_count(json_get(object, name), count);
}

#define PLACES (sizeof places / sizeof *places)

/* Of members with one name the first counts. */
static void note_member(const struct json_member *member, enum parent parent,
                        struct json_value found[static PLACES])
{
    for (size_t i = 0; i < PLACES; i++)
        if (places[i].parent == parent && !found[i].at && json_name_is(member->name, places[i].name))
            found[i] = member->value;
}

/* What this one object says; what it does not say is unknown. */
static struct token_usage read_counts(struct json_value object)
{
    struct token_usage said = token_usage_unknown();
    struct json_value within[PARENTS] = {[TOP] = object}, found[PLACES] = {0};
    json_pick(object, parents + 1, PARENTS - 1, within + 1);
    for (enum parent parent = TOP; parent < PARENTS; parent++) {
        struct json_value rest = json_members(within[parent]);
        struct json_member member;
        while (json_next_member(&rest, &member))
            note_member(&member, parent, found);
    }
    for (size_t i = 0; i < PLACES; i++)
        take_count(found[i], (int64_t *)(void *)((char *)&said + places[i].field));
    return said;
}

/* Anthropic's input_tokens leaves out what was read from its cache and what was written to it (Messages API,
 * "usage"); everybody else's count of the prompt has it in. Who breaks the count down in details includes. */
static bool counts_cache_apart(struct json_value object)
{
    int64_t count;
    if (read_count(object, "prompt_tokens", &count) || json_get(object, parents[INPUT_DETAILS]).at)
        return false;
    return read_count(object, "cache_read_input_tokens", &count) ||
           read_count(object, "cache_creation_input_tokens", &count);
}

static void replace(int64_t *known, int64_t said)
{
    if (said >= 0)
        *known = said;
}

static int64_t known_or_none(int64_t count)
{
    return count >= 0 ? count : 0;
}

bool token_usage_read_object(struct json_value object, struct token_usage *usage)
{
    if (json_kind(object) != JSON_OBJECT)
        return false;
    struct token_usage said = read_counts(object);
    usage->cache_apart = usage->cache_apart || counts_cache_apart(object);
    replace(&usage->cached, said.cached);
    replace(&usage->cache_write, said.cache_write);
    if (said.prompt >= 0 && usage->cache_apart)
        said.prompt += known_or_none(usage->cached) + known_or_none(usage->cache_write);
    replace(&usage->prompt, said.prompt);
    replace(&usage->completion, said.completion);
    replace(&usage->reasoning, said.reasoning);
    bool parts = said.prompt >= 0 || said.completion >= 0;
    if (said.total < 0 && parts && usage->prompt >= 0 && usage->completion >= 0)
        said.total = usage->prompt + usage->completion;
    replace(&usage->total, said.total);
    if (!parts && said.total < 0)
        return false;
    usage->source = USAGE_PROVIDER;
    return true;
}

/* OpenAI's place (API reference, "The usage object"), Groq's in streams, that of the events of a Responses
 * stream, of Anthropic's first event, and Gemini's own. */
bool token_usage_read(const struct provider_json *answer, struct token_usage *usage)
{
    const struct json_value *members = answer->members;
    return token_usage_read_object(members[MEMBER_USAGE], usage) ||
           token_usage_read_object(json_get(members[MEMBER_X_GROQ], "usage"), usage) ||
           token_usage_read_object(json_get(members[MEMBER_RESPONSE], "usage"), usage) ||
           token_usage_read_object(json_get(members[MEMBER_MESSAGE], "usage"), usage) ||
           token_usage_read_object(members[MEMBER_USAGE_METADATA], usage);
}
