/* Estimates the tokens of an answer whose provider has not counted them, or not all of them.
 *
 * Budgets rely on this: an answer without counts, and one whose client has left, must not be free. */
#include "usage/answer_estimate.h"

#include <stddef.h>

#include "base/base.h"
#include "format/json_number.h"
#include "usage/request_bounds.h"
#include "usage/request_extent.h"
#include "usage/token_estimate.h"

#define FORM_WORDS_TOKENS 250
#define US_PER_TOKEN 10000
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- the answer ---- */

/* The members that hold the text of an answer: of chat and completions, Responses and rerank, Anthropic,
 * Gemini, transcriptions. */
int64_t answer_characters(struct json_value answer)
{
    static const char *const names[] = {"choices", "candidates", "output", "content", "text"};
    enum { CHOICES, CANDIDATES, TEXTS };
    struct json_value found[COUNT(names)] = {0}, choice;
    int64_t count = 0;
    json_pick(answer, names, COUNT(names), found);
    struct json_value rest = json_elements(found[CHOICES]);
    while (json_next_element(&rest, &choice))
        count += token_estimate_characters(json_get(choice, "message")) +
                 token_estimate_characters(json_get(choice, "text"));
    rest = json_elements(found[CANDIDATES]);
    while (json_next_element(&rest, &choice))
        count += token_estimate_characters(json_get(json_get(choice, "content"), "parts"));
    for (size_t i = TEXTS; i < COUNT(names); i++)
        count += token_estimate_characters(found[i]);
    return count;
}

/* The tokens of a picture of the largest size in each quality (OpenAI, "Image generation", cost). */
static int64_t picture_tokens(struct json_value quality)
{
    if (json_kind(quality) == JSON_STRING && json_name_is(quality, "low"))
        return 408;
    if (json_kind(quality) == JSON_STRING && json_name_is(quality, "medium"))
        return 1584;
    return 6240;
}

#define PARTIAL_TOKENS 100 /* of each partial picture of a stream */

static int64_t drawn_tokens(struct json_value request)
{
    int64_t partial = json_largest_number(json_get(request, "partial_images"));
    int64_t each = picture_tokens(json_get(request, "quality")) +
                   min_int64(max_int64(partial, 0), 1000) * PARTIAL_TOKENS;
    return min_int64(request_bounds_read(request).answers, REQUEST_TOKENS_MAX / each) * each;
}

/* OpenAI reads "input"; others have other names for it. */
static int64_t spoken_tokens(struct json_value request)
{
    static const char *const names[] = {"input", "text", "prompt", "ssml", "inputs"};
    struct json_value found[COUNT(names)] = {0};
    int64_t characters = 0;
    json_pick(request, names, COUNT(names), found);
    for (size_t i = 0; i < COUNT(names); i++)
        characters += token_estimate_characters(found[i]);
    return (characters * 7 + 4) / 5;
}

int64_t answer_media_tokens(enum request_shape shape, struct json_value request)
{
    return shape == REQUEST_SPEAKS ? spoken_tokens(request) : drawn_tokens(request);
}

static int64_t completion_of(const struct answer_facts *facts)
{
    int64_t seen = token_estimate_tokens(facts->characters), unseen = facts->unseen_us / US_PER_TOKEN;
    switch (facts->shape) {
    case REQUEST_READS:
        return TOKENS_UNKNOWN;
    case REQUEST_REDRAWS:
        return max_int64(facts->form_answers, 1) * answer_media_tokens(facts->shape, facts->request);
    case REQUEST_DRAWS:
    case REQUEST_SPEAKS:
        return answer_media_tokens(facts->shape, facts->request);
    case REQUEST_GENERATES:
    case REQUEST_TRANSCRIBES:
        break;
    }
    int64_t bound = unseen ? request_bounds_read(facts->request).completion : -1;
    return max_int64(seen, bound >= 0 ? min_int64(unseen, bound) : unseen);
}

/* ---- the prompt ---- */

/* A form has sound or pictures, and words: the prompt of a transcription has at most 224 tokens. */
int64_t answer_form_tokens(int64_t bytes)
{
    return bytes / MEDIA_BYTES_PER_TOKEN + min_int64(token_estimate_tokens(bytes), FORM_WORDS_TOKENS);
}

int64_t answer_prompt_tokens(const struct answer_facts *facts)
{
    int64_t tokens = facts->reckoned;
    if (!facts->request.at)
        return tokens + answer_form_tokens(facts->form_bytes);
    struct request_extent extent = request_extent_read(facts->request, false);
    return tokens + extent.media_bytes / MEDIA_BYTES_PER_TOKEN +
           token_estimate_usage(facts->request, 0).prompt;
}

/* ---- both ---- */

/* Zeros for an answer that is there count nothing, nor does one for a prompt that the total counts. */
static void drop_zeros(struct token_usage *usage, const struct answer_facts *facts)
{
    if (facts->characters && usage->prompt <= 0 && usage->completion <= 0 && usage->total <= 0)
        usage->prompt = usage->completion = usage->total = TOKENS_UNKNOWN;
    if (facts->shape == REQUEST_READS && usage->prompt == 0 && usage->total > 0)
        usage->prompt = TOKENS_UNKNOWN;
}

/* Returns false if nothing has to be guessed: the counts are there, or follow from the total. */
static bool complete(struct token_usage *usage, const struct answer_facts *facts)
{
    bool lacks_prompt = usage->prompt < 0, lacks_completion = usage->completion < 0;
    if (facts->shape == REQUEST_READS && lacks_prompt && usage->total >= 0) {
        usage->prompt = usage->total;
        return false;
    }
    if (facts->shape == REQUEST_READS)
        lacks_completion = false;
    if (lacks_prompt && !lacks_completion && usage->total > usage->completion) {
        usage->prompt = usage->total - usage->completion;
        return false;
    }
    if (lacks_completion && !lacks_prompt && usage->total > usage->prompt) {
        usage->completion = usage->total - usage->prompt;
        return false;
    }
    if (lacks_prompt)
        usage->prompt = answer_prompt_tokens(facts);
    if (lacks_completion)
        usage->completion = completion_of(facts);
    return lacks_prompt || lacks_completion;
}

void answer_estimate(struct token_usage *usage, const struct answer_facts *facts)
{
    struct token_usage whole = *usage;
    drop_zeros(&whole, facts);
    int64_t total = whole.total;
    bool guessed = complete(&whole, facts);
    int64_t sum = whole.prompt + max_int64(whole.completion, 0);
    if (whole.source == USAGE_NONE && sum == 0)
        return; /* nothing is known, and nothing is to be seen */
    if (whole.source == USAGE_NONE || guessed)
        whole.source = USAGE_ESTIMATED;
    whole.total = max_int64(total, sum);
    *usage = whole;
}
