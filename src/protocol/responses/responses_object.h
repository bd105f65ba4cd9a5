/* The response object and its items, as JSON (API reference, "The response object"). */
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
struct usage;

/* One response and what is known of it. */
struct response_object {
    const struct responses_context *ask;
    char id[OUTPUT_ID_SIZE];
    int64_t created_s;                     /* since 1970 */
    struct json_value model, service_tier; /* as the provider says; absent: as the client asked */
    const char *status;                    /* "in_progress", "completed", "incomplete", "failed" */
    const struct output *output;           /* NULL: none yet */
    const struct usage *usage;             /* NULL: not known yet */
    struct json_value error;               /* what has failed, with "code" and "message" */
};

/* A new one, in progress. */
void response_object_open(struct response_object *response, const struct responses_context *ask);

/* Notes what `answer`, a chat completion or a chunk, says of itself; the values are copied into the arena. */
void response_object_learn(struct response_object *response, struct arena *arena, struct json_value answer);

/* Writes the members of the object. What the client said is repeated, up to ECHO_MAX bytes in all. */
void response_object_write(struct json_writer *object, const struct response_object *response);

#define ECHO_MAX (1024 * 1024)

/* One item as the next element of a list or as the member "item". Still in progress, it has no content. */
void item_write(struct json_writer *object, const struct output_item *item);

/* The members of a message's part as far as it has come. */
void part_write(struct json_writer *object, const struct output_item *item);

/* Appends to `response` the response object made from `answer`, a complete chat completion, checked, with a
 * choice and without an error; `usage` is what that answer used. bad_response if the items or `response` hold
 * no more; a ceiling of RESPONSES_ANSWER_MAX is enough. */
bool responses_from_chat(struct arena *arena, const struct responses_context *ask, struct json_value answer,
                         const struct usage *usage, struct buffer *response, struct failure *why) MUST_CHECK;

#define RESPONSES_ANSWER_MAX (32 * 1024 * 1024)

#endif
