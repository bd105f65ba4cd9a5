/* The most that a request may ask of a model, however its provider reads it.
 *
 * A limit on costs must hold even if the provider reads a request more generously than its documentation
 * says, so the largest reading of each member counts, and the largest of all members with one meaning. */
#include "usage/request_bounds.h"

#include <stddef.h>

#include "base/base.h"
#include "format/json_number.h"

/* The members that are read, found in one walk. The last bounds are llama.cpp's, Ollama's and those of
 * text-generation-inference and its kin; the last counts are llama.cpp's and those of Transformers. */
static const char *const names[] = {
    "max_completion_tokens",
    "max_tokens",
    "max_output_tokens",
    "n_predict",
    "num_predict",
    "max_new_tokens",
    "n",
    "best_of",
    "n_cmpl",
    "num_return_sequences",
    "prompt",
    "extra_body",
};

enum { BOUNDS = 6, COUNTS = 4, PROMPT = BOUNDS + COUNTS, EXTRA_BODY, MEMBERS };

struct members {
    struct json_value values[MEMBERS];
};

static struct members read_members(struct json_value object)
{
    struct members members = {0};
    json_pick(object, names, MEMBERS, members.values);
    return members;
}

/* ---- answers ---- */

static int64_t multiply(int64_t one, int64_t other)
{
    return one <= REQUEST_TOKENS_MAX / other ? one * other : REQUEST_TOKENS_MAX;
}

static int64_t largest_count(const struct members *members)
{
    int64_t largest = 1;
    for (size_t i = BOUNDS; i < BOUNDS + COUNTS; i++)
        largest = max_int64(largest, json_largest_number(members->values[i]));
    return largest;
}

/* A list of texts or of lists of tokens is as many prompts (API reference, "Create completion"). */
static int64_t count_prompts(const struct members *members)
{
    struct json_value rest = json_elements(members->values[PROMPT]), element;
    int64_t prompts = 0;
    while (json_next_element(&rest, &element))
        prompts += json_kind(element) != JSON_NUMBER;
    return max_int64(prompts, 1);
}

static int64_t count_answers(const struct members *body, const struct members *extra)
{
    int64_t each = max_int64(largest_count(body), largest_count(extra));
    return multiply(each, max_int64(count_prompts(body), count_prompts(extra)));
}

int64_t request_answers_max(struct json_value body)
{
    struct members members = read_members(body), extra = read_members(members.values[EXTRA_BODY]);
    return count_answers(&members, &extra);
}

/* ---- tokens ---- */

/* Raises `*largest` to the largest bound. Returns false if one of them may be no bound. */
static bool read_bounds(const struct members *members, int64_t *largest)
{
    for (size_t i = 0; i < BOUNDS; i++) {
        if (!members->values[i].at || json_kind(members->values[i]) == JSON_NULL)
            continue;
        int64_t number = json_largest_number(members->values[i]);
        if (number <= 0 || number > REQUEST_TOKENS_MAX)
            return false;
        *largest = max_int64(*largest, number);
    }
    return true;
}

int64_t request_completion_max(struct json_value body)
{
    struct members members = read_members(body), extra = read_members(members.values[EXTRA_BODY]);
    int64_t each = -1;
    if (!read_bounds(&members, &each) || !read_bounds(&extra, &each) || each < 0)
        return -1;
    return multiply(each, count_answers(&members, &extra));
}
