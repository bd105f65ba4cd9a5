/* The most that a request may ask of a model, however its provider reads it.
 *
 * A limit on costs must hold even if the provider reads a request more generously than its documentation
 * says, so the largest reading of each member counts, and the largest of all members with one meaning.
 * Servers have dozens of names for them, at the top, in "extra_body", "options", "parameters",
 * "generationConfig" and so on. So the members are recognised by the words in their names. A name that a
 * provider may ignore can raise a bound, but sets none. */
#include "usage/request_bounds.h"

#include <stddef.h>
#include <string.h>

#include "base/base.h"
#include "format/json_number.h"
#include "format/plain_name.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define DEPTH_MAX 6

struct reading {
    int64_t largest, thoughts; /* tokens */
    int64_t answers, prompts;
    bool unbounded;
    bool has_messages, has_input; /* chat completions or completions; Responses */
    int64_t chat, responses;      /* the bounds of the dialects; -1: none */
};

/* ---- names ---- */

enum meaning { OTHER, PROMPT, MESSAGES, INPUT, CONTENT, BOUND, LEAST, THOUGHTS, ANSWERS };

static bool has(const char *name, const char *word)
{
    return strstr(name, word);
}

static bool is_of_thoughts(const char *name)
{
    return has(name, "think") || has(name, "reason") || has(name, "thought");
}

static bool counts_tokens(const char *name)
{
    return has(name, "tok") || has(name, "length") || plain_name_ends(name, "len") || has(name, "predict");
}

/* What is read, and what is measured in characters or places. */
static bool is_about_the_prompt(const char *name)
{
    static const char *const words[] = {"prompt", "input", "context", "ctx", "trunc", "position", "keep"};
    for (size_t i = 0; i < COUNT(words); i++)
        if (has(name, words[i]))
            return true;
    return false;
}

static enum meaning meaning_of(const char *name, bool of_thoughts)
{
    static const char *const content[] = {"tools",      "functions",  "metadata", "responseformat",
                                          "text",       "documents",  "user",     "stop",
                                          "logitbias",  "prediction", "contents", "system",
                                          "guidedjson", "jsonschema", "schema",   "instructions"};
    static const char *const bounds[] = {"npredict",     "numpredict", "tokenstogenerate", "numtokens",
                                         "outputtokens", "newtokens",  "outputlength"};
    static const char *const answers[] = {
        "n",          "bestof",         "ncmpl",          "numreturnsequences", "candidatecount",
        "nchoices",   "numchoices",     "numgenerations", "numcompletions",     "numoutputs",
        "numresults", "numsamples",     "nsamples",       "numcandidates",      "numimages",
        "batchsize",  "numberofimages", "samplecount",    "numsequences",       "nanswers"};
    if (strcmp(name, "prompt") == 0)
        return PROMPT;
    if (strcmp(name, "messages") == 0)
        return MESSAGES;
    if (strcmp(name, "input") == 0 || strcmp(name, "inputs") == 0)
        return INPUT;
    if (plain_name_among(name, content, COUNT(content)))
        return CONTENT;
    if (plain_name_among(name, answers, COUNT(answers)))
        return ANSWERS;
    if (is_about_the_prompt(name))
        return OTHER;
    if (has(name, "budget") || ((of_thoughts || is_of_thoughts(name)) && counts_tokens(name)))
        return THOUGHTS;
    if (plain_name_among(name, bounds, COUNT(bounds)) || (has(name, "max") && counts_tokens(name)))
        return BOUND;
    return has(name, "min") && counts_tokens(name) ? LEAST : OTHER;
}

/* ---- numbers ---- */

static int64_t multiply(int64_t one, int64_t other)
{
    return one <= REQUEST_TOKENS_MAX / other ? one * other : REQUEST_TOKENS_MAX;
}

static void read_bound(struct reading *reading, int64_t number)
{
    if (number <= 0 || number > REQUEST_TOKENS_MAX)
        reading->unbounded = true;
    else
        reading->largest = max_int64(reading->largest, number);
}

/* A negative budget lets the model decide. */
static void read_thoughts(struct reading *reading, int64_t number)
{
    if (number < 0 || number > REQUEST_TOKENS_MAX)
        reading->unbounded = true;
    else
        reading->thoughts = min_int64(reading->thoughts + number, REQUEST_TOKENS_MAX);
}

/* A list of texts or of lists of tokens is as many prompts (API reference, "Create completion"). */
static int64_t count_prompts(struct json_value prompt)
{
    struct json_value rest = json_elements(prompt), element;
    int64_t prompts = 0;
    while (json_next_element(&rest, &element))
        prompts += json_kind(element) != JSON_NUMBER;
    return max_int64(prompts, 1);
}

/* ---- the walk ---- */

static void read_object(struct reading *reading, struct json_value object, bool of_thoughts, int depth);

/* Settings of a provider may be in objects of any name, and requests of their own in lists. */
static void read_inside(struct reading *reading, struct json_value value, bool of_thoughts, int depth)
{
    struct json_value rest = json_elements(value), element;
    if (json_kind(value) == JSON_OBJECT)
        read_object(reading, value, of_thoughts, depth + 1);
    while (json_next_element(&rest, &element))
        if (json_kind(element) == JSON_OBJECT)
            read_object(reading, element, of_thoughts, depth + 1);
}

static void read_official(struct reading *reading, const struct json_member *member)
{
    int64_t number = json_largest_number(member->value);
    if (json_name_is(member->name, "max_tokens") || json_name_is(member->name, "max_completion_tokens"))
        reading->chat = max_int64(reading->chat, number);
    if (json_name_is(member->name, "max_output_tokens"))
        reading->responses = max_int64(reading->responses, number);
}

static void read_number(struct reading *reading, enum meaning meaning, int64_t number)
{
    if (meaning == BOUND)
        read_bound(reading, number);
    else if (meaning == THOUGHTS)
        read_thoughts(reading, number);
    else if (meaning == ANSWERS)
        reading->answers = max_int64(reading->answers, min_int64(number, REQUEST_TOKENS_MAX));
    else if (number > 0)
        read_bound(reading, number);
}

static void read_member(struct reading *reading, const struct json_member *member, bool of_thoughts,
                        int depth)
{
    char name[PLAIN_NAME_SIZE];
    enum json_kind kind = json_kind(member->value);
    plain_name_of(member->name, name);
    enum meaning meaning = meaning_of(name, of_thoughts);
    bool is_inside = kind == JSON_OBJECT || kind == JSON_ARRAY;
    switch (meaning) {
    case PROMPT:
        reading->has_messages = reading->has_messages || kind != JSON_OBJECT;
        reading->prompts = max_int64(reading->prompts, count_prompts(member->value));
        return;
    case MESSAGES:
        reading->has_messages = true;
        return;
    case INPUT:
        reading->has_input = true;
        return;
    case CONTENT:
        return;
    case OTHER:
        if (is_inside)
            read_inside(reading, member->value, is_of_thoughts(name), depth);
        return;
    case BOUND:
    case LEAST:
    case THOUGHTS:
    case ANSWERS:
        if (kind == JSON_OBJECT)
            read_inside(reading, member->value, of_thoughts || meaning == THOUGHTS, depth);
        if (meaning == BOUND && depth == 0 && kind != JSON_NULL)
            read_official(reading, member);
        if (kind != JSON_NULL && (kind != JSON_OBJECT || meaning == BOUND))
            read_number(reading, meaning, json_largest_number(member->value));
        return;
    }
}

static void read_object(struct reading *reading, struct json_value object, bool of_thoughts, int depth)
{
    struct json_value rest = json_members(object);
    struct json_member member;
    if (depth > DEPTH_MAX) {
        reading->unbounded = true;
        return;
    }
    while (json_next_member(&rest, &member))
        read_member(reading, &member, of_thoughts, depth);
}

/* The bound that the provider obeys. A request that looks like one of two dialects needs the bounds of both.
 */
static int64_t official_bound(const struct reading *reading)
{
    int64_t most = max_int64(reading->chat, reading->responses);
    if (reading->has_messages && reading->has_input)
        return reading->chat > 0 && reading->responses > 0 ? most : -1;
    if (!reading->has_messages && !reading->has_input)
        return most;
    return reading->has_messages ? reading->chat : reading->responses;
}

struct request_bounds request_bounds_read(struct json_value body)
{
    struct reading reading = {.answers = 1, .prompts = 1, .chat = -1, .responses = -1, .largest = -1};
    read_object(&reading, body, false, 0);
    int64_t answers = multiply(reading.answers, reading.prompts), each = official_bound(&reading);
    struct request_bounds bounds = {.answers = answers, .completion = -1};
    if (each <= 0 || reading.unbounded)
        return bounds;
    each = min_int64(max_int64(each, reading.largest) + reading.thoughts, REQUEST_TOKENS_MAX);
    bounds.completion = multiply(each, answers);
    return bounds;
}
