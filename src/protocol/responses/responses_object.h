/* Writes the response object and its items (API reference, "The response object"). */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_OBJECT_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_OBJECT_H

#include <stddef.h>
#include <stdint.h>

#include "format/json.h"
#include "protocol/responses/responses_output.h"

struct arena;
struct buffer;
struct failure;
struct json_writer;
struct responses_context;
struct token_usage;

/* The known parts of a response. */
struct response_object {
    const struct responses_context *context;
    char id[OUTPUT_ID_SIZE];
    int64_t created_s;                     /* since 1970 */
    struct json_value model, service_tier; /* of the provider; absent: the client's values are used */
    const char *status;                    /* "in_progress", "completed", "incomplete", "failed" */
    const struct output *output;           /* NULL: no output yet */
    const struct token_usage *usage;       /* NULL: not known yet */
    struct json_value error;               /* of a failed response, with "code" and "message" */
};

/* Begins a response with the status "in_progress". `context` must outlive the response. */
void response_object_open(struct response_object *response, const struct responses_context *context);

/* Takes the model and service tier from `answer`, a chat completion or a chunk; the values are copied into
 * the arena. */
void response_object_learn(struct response_object *response, struct arena *arena, struct json_value answer);

/* Writes the members of the object. The object repeats members of the client's request, up to ECHO_MAX bytes
 * in total. */
void response_object_write(struct json_writer *object, const struct response_object *response);

#define ECHO_MAX (1024 * 1024)

/* Writes the members of an item. An item in progress has no content. */
void item_write(struct json_writer *object, const struct output_item *item);

/* Writes the members of a message's part, with the text that has arrived so far. */
void part_write(struct json_writer *object, const struct output_item *item);

/* Converts `answer` to a response object and appends the object to `response`. `answer` is a complete,
 * checked chat completion with a choice and without an error; `usage` is its usage. Fails with bad_response
 * if the answer exceeds a limit of responses_output.h, or if `response` has no room. A ceiling of
 * RESPONSES_ANSWER_MAX is enough for `response`. */
bool responses_from_chat(struct arena *arena, const struct responses_context *context,
                         struct json_value answer, const struct token_usage *usage, struct buffer *response,
                         struct failure *why) MUST_CHECK;

#define RESPONSES_ANSWER_MAX (32 * 1024 * 1024)

#endif
