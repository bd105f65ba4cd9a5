/* Estimates the tokens of a request whose provider has not counted them.
 *
 * Assumes four characters per token: within a third of the truth for English and for code, too low for other
 * scripts. Used for streams that are cut before the provider sends its counts. The usage record marks the
 * estimate. */
#include "usage/token_estimate.h"

#include "base/base.h"
#include "usage/request_extent.h"
#include "usage/token_usage.h"

#define CHARACTERS_PER_TOKEN 4

/* Counts the bytes that begin a UTF-8 sequence and the escapes; of two surrogates only the first. */
static int64_t count_characters(struct json_value string)
{
    const char *at = string.at + 1, *end = string.at + string.length - 1;
    int64_t count = 0;
    for (; at < end; at++) {
        bool low = at[0] == '\\' && at[1] == 'u' && (at[2] | 0x20) == 'd' && (at[3] | 0x20) >= 'c';
        count += (*at & 0xc0) != 0x80 && !low;
        if (*at == '\\')
            at += at[1] == 'u' ? 5 : 1;
    }
    return count;
}

/* The members that hold text in a message, a content part or a tool call. */
static int64_t count_object(struct json_value object)
{
    static const char *const names[] = {
        "content", "text",      "refusal", "reasoning_content", "reasoning", "tool_calls", "name", "function",
        "input",   "arguments", "output",  "summary",           "parts",     "thinking",
    };
    struct json_value members[sizeof names / sizeof *names] = {0};
    int64_t count = 0;
    json_pick(object, names, sizeof names / sizeof *names, members);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        count += json_kind(members[i]) == JSON_NUMBER ? 0 : token_estimate_characters(members[i]);
    return count;
}

static int64_t count_elements(struct json_value array)
{
    struct json_value rest = json_elements(array), element;
    int64_t count = 0;
    while (json_next_element(&rest, &element))
        count += token_estimate_characters(element);
    return count;
}

int64_t token_estimate_characters(struct json_value content)
{
    switch (json_kind(content)) {
    case JSON_STRING:
        return count_characters(content);
    case JSON_ARRAY:
        return count_elements(content);
    case JSON_OBJECT:
        return count_object(content);
    case JSON_NUMBER:
        return CHARACTERS_PER_TOKEN; /* a token id, in completions and embeddings */
    default:
        return 0;
    }
}

int64_t token_estimate_tokens(int64_t characters)
{
    return (characters + CHARACTERS_PER_TOKEN - 1) / CHARACTERS_PER_TOKEN;
}

#define PICTURE_TOKENS 1600 /* of a picture as large as Claude sees it */

/* JSON's own signs and the escapes are counted too, which makes up for scripts with few bytes a token. */
int64_t token_estimate_prompt(struct json_value body)
{
    static const char *const names[] = {"messages", "system",       "tools",           "input",
                                        "prompt",   "instructions", "response_format", "output_config"};
    struct json_value found[sizeof names / sizeof *names] = {0};
    struct request_extent extent = request_extent_read(body, false);
    int64_t bytes = -extent.written;
    json_pick(body, names, sizeof names / sizeof *names, found);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        bytes += (int64_t)found[i].length;
    int64_t media = max_int64(extent.media * PICTURE_TOKENS, extent.media_bytes / MEDIA_BYTES_PER_TOKEN);
    return max_int64(bytes, 0) * 2 / 7 + 1 + media + extent.attachments * PICTURE_TOKENS;
}

struct token_usage token_estimate_usage(struct json_value body, int64_t characters)
{
    static const char *const names[] = {"messages",  "prompt", "instructions", "input",
                                        "documents", "query",  "system",       "contents"};
    static const char *const schemas[] = {"tools", "functions", "response_format"};
    struct json_value prompt[sizeof names / sizeof *names] = {0};
    struct json_value schema[sizeof schemas / sizeof *schemas] = {0};
    struct token_usage usage = token_usage_unknown();
    int64_t prompt_characters = 0;
    json_pick(body, schemas, sizeof schemas / sizeof *schemas, schema);
    for (size_t i = 0; i < sizeof schemas / sizeof *schemas; i++)
        prompt_characters += (int64_t)schema[i].length;
    json_pick(body, names, sizeof names / sizeof *names, prompt);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        prompt_characters += token_estimate_characters(prompt[i]);
    usage.prompt = token_estimate_tokens(prompt_characters);
    usage.completion = token_estimate_tokens(characters);
    usage.total = usage.prompt + usage.completion;
    usage.source = USAGE_ESTIMATED;
    return usage;
}
