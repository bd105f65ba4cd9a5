/* Collects the messages or deltas of a chat into the items of a response. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_OUTPUT_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/buffer.h"
#include "format/json.h"
#include "protocol/responses/responses_context.h"
#include "protocol/responses/responses_think.h"

struct arena;
struct failure;

#define OUTPUT_HELD_MAX (4 * 1024 * 1024) /* total bytes of the texts and arguments of an answer */
#define OUTPUT_ITEMS_MAX 512
#define OUTPUT_ID_SIZE 96

enum output_kind { OUTPUT_TEXT, OUTPUT_REFUSAL, OUTPUT_REASONING, OUTPUT_CALL };
enum output_status { OUTPUT_IN_PROGRESS, OUTPUT_COMPLETED, OUTPUT_INCOMPLETE };

/* How far arguments have been read. `ended`: a whole object or list; `plain`: something else. */
struct arguments_scan {
    int depth;
    bool quoted, escaped, ended, plain;
};

/* Texts are JSON strings without their quotes. */
struct output_item {
    enum output_kind kind;
    enum output_status status;
    size_t index; /* in the output; valid once the item has been reported */
    char id[OUTPUT_ID_SIZE];
    bool reported;          /* to `events`, and in the output */
    struct buffer text;     /* the text, or the arguments of a call */
    struct buffer logprobs; /* list elements separated by commas */
    /* of a call: its own id and name; the provider's id and index; the last list with its name */
    struct buffer call_id, name, provider_id;
    int64_t chat_index;
    size_t list;
    struct arguments_scan scan;
};

/* Called at each step. `inside` is the text that was appended to the item. */
struct output_events {
    void (*added)(void *listener, const struct output_item *item);
    void (*grown)(void *listener, const struct output_item *item, struct json_value inside,
                  struct json_value logprobs);
    void (*done)(void *listener, const struct output_item *item);
};

struct output {
    struct arena *arena;                /* holds the items; their buffers are freed with it */
    const struct output_events *events; /* may be NULL */
    void *listener;
    struct output_item *items[OUTPUT_ITEMS_MAX]; /* reported, in the order of the output */
    struct output_item *calls[OUTPUT_ITEMS_MAX]; /* in the order of their first pieces */
    size_t count, call_count, created;
    size_t held, lists;       /* bytes of all texts; number of lists of calls so far */
    struct json_value tools;  /* of the request; absent: none */
    struct output_item *open; /* the text, refusal or reasoning item in progress, or NULL */
    struct think *think;      /* NULL: the text has no tags */
    const char *incomplete;   /* the reason (API reference, "incomplete_details"), or NULL */
};

void output_open(struct output *output, struct arena *arena, const struct responses_context *context,
                 const struct output_events *events, void *listener);

/* Reads the first choice of an answer or a chunk, because a Responses client requests only one. Fails with
 * bad_response if the answer is larger than OUTPUT_HELD_MAX or has more than OUTPUT_ITEMS_MAX items. */
bool output_take(struct output *output, struct json_value choices, struct failure *why) MUST_CHECK;

/* Closes all open items at the end of the answer. An answer without items gets an empty message. Fails with
 * bad_response if a call has no name. */
bool output_finish(struct output *output, struct failure *why) MUST_CHECK;

#endif
