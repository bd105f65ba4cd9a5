/* The most that a request may ask of a model, however its provider reads it.
 *
 * A limit on costs must hold even if the provider reads a request more generously than its documentation
 * says, so the largest reading of each member counts, and the largest of all members with one meaning. */
#include "usage/request_bounds.h"

#include <stddef.h>

#include "base/base.h"
#include "format/json_number.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The last ones are llama.cpp's, Ollama's and those of text-generation-inference and its kin. */
static const char *const bounds[] = {
    "max_completion_tokens", "max_tokens", "max_output_tokens", "n_predict", "num_predict", "max_new_tokens",
};
/* The last ones are llama.cpp's and those of Transformers. */
static const char *const counts[] = {"n", "best_of", "n_cmpl", "num_return_sequences"};

/* ---- answers ---- */

static int64_t largest_count(struct json_value object)
{
    struct json_value values[COUNT(counts)] = {0};
    int64_t largest = 1;
    json_pick(object, counts, COUNT(counts), values);
    for (size_t i = 0; i < COUNT(counts); i++)
        largest = max_int64(largest, json_largest_number(values[i]));
    return largest;
}

/* A list of texts or of lists of tokens is as many prompts (API reference, "Create completion"). */
static int64_t count_prompts(struct json_value object)
{
    struct json_value rest = json_elements(json_get(object, "prompt")), element;
    int64_t prompts = 0;
    while (json_next_element(&rest, &element))
        prompts += json_kind(element) != JSON_NUMBER;
    return max_int64(prompts, 1);
}

static int64_t multiply(int64_t one, int64_t other)
{
    return one <= REQUEST_TOKENS_MAX / other ? one * other : REQUEST_TOKENS_MAX;
}

int64_t request_answers_max(struct json_value body)
{
    struct json_value extra = json_get(body, "extra_body");
    int64_t each = max_int64(largest_count(body), largest_count(extra));
    return multiply(each, max_int64(count_prompts(body), count_prompts(extra)));
}

/* ---- tokens ---- */

/* Raises `*largest` to the largest bound in the object. Returns false if one of them may be no bound. */
static bool read_bounds(struct json_value object, int64_t *largest)
{
    struct json_value values[COUNT(bounds)] = {0};
    json_pick(object, bounds, COUNT(bounds), values);
    for (size_t i = 0; i < COUNT(bounds); i++) {
        if (!values[i].at || json_kind(values[i]) == JSON_NULL)
            continue;
        int64_t number = json_largest_number(values[i]);
        if (number <= 0 || number > REQUEST_TOKENS_MAX)
            return false;
        *largest = max_int64(*largest, number);
    }
    return true;
}

int64_t request_completion_max(struct json_value body)
{
    int64_t each = -1;
    if (!read_bounds(body, &each) || !read_bounds(json_get(body, "extra_body"), &each) || each < 0)
        return -1;
    return multiply(each, request_answers_max(body));
}
