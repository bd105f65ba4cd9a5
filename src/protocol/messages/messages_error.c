/* Writes errors as clients of the Messages API read them.
 *
 * Claude Code compacts the conversation after "prompt is too long: N tokens > M maximum", and lowers
 * max_tokens after "input length and `max_tokens` exceed context limit: N + M > L". Providers write the same
 * numbers in other words. */
#include "protocol/messages/messages_error.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/failure.h"
#include "format/json_write.h"
#include "protocol/error_response.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define TOO_LONG "prompt is too long"
#define LEAST_TOKENS 256 /* smaller numbers are codes and versions */
#define NUMBERS_MAX 8

static const struct {
    int status;
    const char *type;
} types[] = {
    {400, "invalid_request_error"}, {401, "authentication_error"},
    {402, "billing_error"},         {403, "permission_error"},
    {404, "not_found_error"},       {413, "request_too_large"},
    {429, "rate_limit_error"},      {500, "api_error"},
    {504, "timeout_error"},         {529, "overloaded_error"},
};

/* Returns the API's name of the error: the provider's own if it is one of them, else by the status. OpenAI's
 * API has its invalid_request_error under any status, so the status says more. */
static const char *type_of(const struct failure *failure)
{
    for (size_t i = 1; i < COUNT(types); i++)
        if (strcmp(failure->type, types[i].type) == 0)
            return types[i].type;
    if (failure->reason == FAILURE_OVERLOADED)
        return "overloaded_error";
    for (size_t i = 0; i < COUNT(types); i++)
        if (failure->status == types[i].status)
            return types[i].type;
    return failure->status >= 500 ? "api_error" : "invalid_request_error";
}

/* ---- the numbers of a prompt that is too long ---- */

/* Reads the numbers of a sentence, which may have commas between groups of three digits. */
static size_t read_numbers(const char *text, int64_t numbers[static NUMBERS_MAX])
{
    size_t count = 0;
    while (*text && count < NUMBERS_MAX) {
        int64_t number = 0;
        size_t digits = 0;
        for (; is_digit(*text) || (digits && *text == ',' && is_digit(text[1])); text++)
            if (*text != ',' && digits++ < 15)
                number = number * 10 + (*text - '0');
        if (digits && number >= LEAST_TOKENS)
            numbers[count++] = number;
        else if (!digits)
            text++;
    }
    return count;
}

/* True for a number that is the sum of two others, as in "9000 (8000 in the messages, 1000 in the answer)".
 */
static bool is_sum(const int64_t *numbers, size_t count, int64_t number)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (numbers[i] + numbers[k] == number)
                return true;
    return false;
}

/* Finds the prompt and the answer, in that order: the two largest numbers beside the limit. A number of 0 was
 * not found. */
static void find_parts(const int64_t *numbers, size_t count, int64_t limit, int64_t *prompt, int64_t *answer)
{
    *prompt = *answer = 0;
    for (size_t i = 0; i < count; i++) {
        if (numbers[i] == limit || numbers[i] == *prompt || is_sum(numbers, count, numbers[i]))
            continue;
        *answer = numbers[i] > *prompt ? *prompt : max_int64(*answer, numbers[i]);
        *prompt = max_int64(*prompt, numbers[i]);
    }
}

/* Returns the number that stands after one of the words for a limit; 0: none does. */
static int64_t find_limit(const char *text)
{
    static const char *const words[] = {"maximum context length",
                                        "maximum",
                                        "context window",
                                        "context size",
                                        "context length",
                                        "limit",
                                        "max"};
    int64_t numbers[NUMBERS_MAX];
    for (size_t i = 0; i < COUNT(words); i++) {
        const char *found = strcasestr(text, words[i]);
        if (found && read_numbers(found, numbers))
            return numbers[0];
    }
    return 0;
}

/* If the prompt alone would fit, it is the room for the answer that does not. */
static void put_too_long(const char *text, char *message, size_t size)
{
    int64_t numbers[NUMBERS_MAX], prompt, answer, limit = find_limit(text);
    find_parts(numbers, read_numbers(text, numbers), limit, &prompt, &answer);
    if (limit && prompt && answer && prompt < limit)
        snprintf(message, size,
                 "input length and `max_tokens` exceed context limit: %" PRId64 " + %" PRId64 " > %" PRId64,
                 prompt, answer, limit);
    else if (limit && prompt > limit)
        snprintf(message, size, TOO_LONG ": %" PRId64 " tokens > %" PRId64 " maximum", prompt, limit);
    else
        snprintf(message, size, TOO_LONG ": %s", text);
}

/* Agents recognise a prompt that is too long by its first words, and by the two numbers how much of it must
 * go. */
static void write_message(const struct failure *failure, char *message, size_t size)
{
    const char *text = failure->message;
    bool is_said = strncmp(text, TOO_LONG, strlen(TOO_LONG)) == 0 || strstr(text, "exceed context limit");
    if (failure->reason == FAILURE_CONTEXT_LENGTH && !is_said)
        put_too_long(text, message, size);
    else
        snprintf(message, size, "%s", text);
}

void messages_error_put(struct json_writer *writer, const struct error_response *error_response)
{
    char message[FAILURE_MESSAGE_SIZE + 64];
    write_message(error_response->failure, message, sizeof message);
    json_put_string(writer, "type", "error");
    error_response_put_error(writer, error_response, type_of(error_response->failure), message);
    json_put_string(writer, "request_id", error_response->request_id);
}
