/* The tokens that a request used, and where a provider's JSON counts them.
 *
 * Providers differ in the names, in the places, and in whether one count is there twice; a table has them
 * all. Reading leaves counts as the provider gives them, even where they contradict each other. */
#include "usage/token_usage.h"

#include <stddef.h>

#include "format/json_number.h"
#include "usage/provider_json.h"

#define COUNT_MAX INT64_C(100000000) /* tokens of one response; what is more is no count */

enum parent { TOP, PROMPT_DETAILS, INPUT_DETAILS, COMPLETION_DETAILS, OUTPUT_DETAILS, PARENTS };

static const char *const parents[PARENTS] = {
    [PROMPT_DETAILS] = "prompt_tokens_details",
    [INPUT_DETAILS] = "input_tokens_details",
    [COMPLETION_DETAILS] = "completion_tokens_details",
    [OUTPUT_DETAILS] = "output_tokens_details",
};

#define FIELD(name) offsetof(struct token_usage, name)

/* The members that may hold each count, the most trusted one last. "prompt_tokens" and so on are the names of
 * OpenAI's chat API, "input_tokens" of its Responses API and of Anthropic, "...Count" of Gemini. */
static const struct count_member {
    const char *name;
    enum parent parent;
    size_t field;
} count_members[] = {
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

/* Leaves `count` alone if the value is no plausible count. COUNT_MAX keeps sums of many from overflowing. */
static bool read_count(struct json_value value, int64_t *count)
{
    int64_t number;
    if (!json_whole_number(value, &number) || number < 0 || number > COUNT_MAX)
        return false;
    *count = number;
    return true;
}

#define COUNT_MEMBERS (sizeof count_members / sizeof *count_members)

/* If a member is there twice, the first one counts. */
static void note_member(const struct json_member *member, enum parent parent,
                        struct json_value found[static COUNT_MEMBERS])
{
    char first = member->name.at[1]; /* in which most names differ; an escape may stand for any letter */
    for (size_t i = 0; i < COUNT_MEMBERS; i++)
        if ((*count_members[i].name == first || first == '\\') && count_members[i].parent == parent &&
            !found[i].at && json_name_is(member->name, count_members[i].name)) {
            found[i] = member->value;
            return;
        }
}

/* Gemini counts apart what other providers count as parts: thoughts beside the answer, results of its own
 * tools beside the prompt (Gemini API reference, "UsageMetadata"). */
static void add_geminis_parts(struct json_value object, struct token_usage *counts)
{
    int64_t count;
    if (read_count(json_get(object, "toolUsePromptTokenCount"), &count) &&
        read_count(json_get(object, "promptTokenCount"), &counts->prompt))
        counts->prompt += count;
    if (read_count(json_get(object, "thoughtsTokenCount"), &count) &&
        (counts->completion < 0 || read_count(json_get(object, "candidatesTokenCount"), &counts->completion)))
        counts->completion = (counts->completion < 0 ? 0 : counts->completion) + count;
}

/* The counts of one object. */
static struct token_usage read_counts(struct json_value object)
{
    struct token_usage counts = token_usage_unknown();
    struct json_value within[PARENTS] = {[TOP] = object}, found[COUNT_MEMBERS] = {0};
    json_pick(object, parents + 1, PARENTS - 1, within + 1);
    for (enum parent parent = TOP; parent < PARENTS; parent++) {
        struct json_value rest = json_members(within[parent]);
        struct json_member member;
        while (json_next_member(&rest, &member))
            note_member(&member, parent, found);
    }
    for (size_t i = 0; i < COUNT_MEMBERS; i++)
        if (found[i].at)
            read_count(found[i], (int64_t *)(void *)((char *)&counts + count_members[i].field));
    add_geminis_parts(object, &counts);
    return counts;
}

/* Anthropic's input_tokens does not count tokens read from or written to the cache (Messages API, "usage").
 * All other providers' prompt counts include them, and so do those that come with input_tokens_details. */
static bool counts_cache_apart(struct json_value object)
{
    int64_t count;
    if (read_count(json_get(object, "prompt_tokens"), &count) || json_get(object, parents[INPUT_DETAILS]).at)
        return false;
    return read_count(json_get(object, "cache_read_input_tokens"), &count) ||
           read_count(json_get(object, "cache_creation_input_tokens"), &count);
}

static void replace(int64_t *known, int64_t count)
{
    if (count >= 0)
        *known = count;
}

static void replace_unless_0(int64_t *known, int64_t count)
{
    if (count > 0 || *known < 0)
        replace(known, count);
}

static int64_t known_or_0(int64_t count)
{
    return count >= 0 ? count : 0;
}

struct token_usage token_usage_unknown(void)
{
    return (struct token_usage){
        .source = USAGE_NONE,
        .prompt = TOKENS_UNKNOWN,
        .completion = TOKENS_UNKNOWN,
        .total = TOKENS_UNKNOWN,
        .cached = TOKENS_UNKNOWN,
        .reasoning = TOKENS_UNKNOWN,
        .cache_write = TOKENS_UNKNOWN,
    };
}

bool token_usage_is_whole(const struct token_usage *usage)
{
    return usage->source == USAGE_PROVIDER && usage->prompt > 0 && usage->completion > 0;
}

const char *usage_source_name(enum usage_source source)
{
    static const char *const names[] = {"none", "provider", "estimated"};
    return names[source];
}

/* True if the object counts at least one token; details alone count none. */
static bool counts_anything(const struct token_usage *counts)
{
    return counts->prompt > 0 || counts->completion > 0 || counts->total > 0;
}

/* A total of the provider's own stays, but not if it leaves out tokens that were counted before. */
static int64_t total_of(const struct token_usage *usage, const struct token_usage *counts)
{
    bool has_both = usage->prompt >= 0 && usage->completion >= 0;
    int64_t sum = has_both ? usage->prompt + usage->completion : TOKENS_UNKNOWN;
    bool kept_more = usage->prompt > counts->prompt || usage->completion > counts->completion;
    return counts->total < 0 || (kept_more && counts->total < sum) ? sum : counts->total;
}

enum usage_reading token_usage_read_object(struct json_value object, struct token_usage *usage)
{
    if (json_kind(object) != JSON_OBJECT)
        return USAGE_ABSENT;
    struct token_usage counts = read_counts(object);
    bool has_parts = counts.prompt >= 0 || counts.completion >= 0;
    if (!counts_anything(&counts) && (has_parts || counts.total >= 0))
        return USAGE_EMPTY;
    usage->cache_apart = usage->cache_apart || counts_cache_apart(object);
    replace(&usage->cached, counts.cached);
    replace(&usage->cache_write, counts.cache_write);
    if (counts.prompt >= 0 && usage->cache_apart)
        counts.prompt += known_or_0(usage->cached) + known_or_0(usage->cache_write);
    replace_unless_0(&usage->prompt, counts.prompt);
    replace_unless_0(&usage->completion, counts.completion);
    replace(&usage->reasoning, counts.reasoning);
    if (!has_parts && counts.total < 0)
        return USAGE_ABSENT;
    replace(&usage->total, total_of(usage, &counts));
    usage->source = USAGE_PROVIDER;
    return counts.completion > 0 ? USAGE_READ : USAGE_PROMPT;
}

/* In turn: OpenAI's chat (API reference, "The usage object"), Groq's streams, the events of a Responses
 * stream, Anthropic's message_start, Gemini. */
enum usage_reading token_usage_read(const struct provider_json *json, struct token_usage *usage)
{
    const struct json_value *members = json->members;
    const struct json_value places[] = {
        members[MEMBER_USAGE],
        json_get(members[MEMBER_X_GROQ], "usage"),
        json_get(members[MEMBER_RESPONSE], "usage"),
        json_get(members[MEMBER_MESSAGE], "usage"),
        members[MEMBER_USAGE_METADATA],
    };
    enum usage_reading best = USAGE_ABSENT;
    for (size_t i = 0; i < sizeof places / sizeof *places && best < USAGE_PROMPT; i++) {
        enum usage_reading reading = token_usage_read_object(places[i], usage);
        best = reading > best ? reading : best;
    }
    return best;
}

void token_usage_reconcile(struct token_usage *usage, int64_t prompt_max)
{
    int64_t cache = known_or_0(usage->cached) + known_or_0(usage->cache_write);
    int64_t completion = known_or_0(usage->completion);
    if (usage->prompt < 0 || cache <= usage->prompt)
        return;
    bool in_total = usage->total >= usage->prompt + cache + completion;
    if (in_total || usage->prompt + cache <= prompt_max) {
        usage->prompt += cache;
    } else {
        usage->cache_write = min_int64(usage->cache_write, usage->prompt);
        usage->cached = min_int64(usage->cached, usage->prompt - known_or_0(usage->cache_write));
    }
    if (!in_total && usage->total >= 0)
        usage->total = usage->prompt + completion;
}

void token_usage_add_estimate(struct token_usage *usage, int64_t tokens)
{
    if (tokens <= 0)
        return;
    usage->completion = known_or_0(usage->completion) + tokens;
    usage->total = usage->prompt >= 0 ? usage->prompt + usage->completion : TOKENS_UNKNOWN;
    usage->source = USAGE_ESTIMATED;
}
