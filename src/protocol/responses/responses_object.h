/* Writes the response object and its items (API reference, "The response object"). */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_OBJECT_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_OBJECT_H

#include <stddef.h>
#include <stdint.h>

#include "format/json.h"
#include "protocol/answer.h"

struct conversation;
struct json_writer;
struct responses_context;
struct token_usage;

/* The known parts of a response. */
struct response_object {
    const struct responses_context *context;
    const struct conversation *conversation; /* whose tools the calls name; NULL: none */
    char id[ANSWER_ID_SIZE];
    int64_t created_s;                     /* since 1970 */
    struct json_value model, service_tier; /* of the provider; absent: the client's values are used */
    const char *status;                    /* "in_progress", "completed", "incomplete", "failed" */
    const struct answer *answer;           /* NULL: no answer yet */
    const struct token_usage *usage;       /* NULL: not known yet */
    struct json_value error;               /* of a failed response, with "code" and "message" */
};

/* Begins a response with the status "in_progress". `context` must outlive the response. */
void response_object_open(struct response_object *response, const struct responses_context *context);

/* Writes the members of the object. The object repeats members of the client's request, up to ECHO_MAX bytes
 * in total. */
void response_object_write(struct json_writer *object, const struct response_object *response);

#define ECHO_MAX (1024 * 1024)

/* Writes the members of an item. An item in progress has no content. */
void item_write(struct json_writer *object, const struct response_object *response,
                const struct answer_item *item);

/* Returns the client's custom tool that the call is for; NULL: it is for another kind of tool. */
const struct tool *item_custom_tool(const struct response_object *response, const struct answer_item *item);

/* Writes the member "name" with the name that the client gave the called tool. */
void item_write_name(struct json_writer *object, const struct response_object *response,
                     const struct answer_item *item);

/* Writes the member with the text that a custom tool gets. */
void item_write_input(struct json_writer *object, const char *name, const struct answer_item *item);

/* Writes the members of a message's part, with the text that has arrived so far. */
void part_write(struct json_writer *object, const struct answer_item *item);

#endif
