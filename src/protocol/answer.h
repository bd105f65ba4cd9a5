/* The answer of a model in no dialect: its texts, its reasoning and its calls, in the order of their arrival.
 */
#ifndef PENSTOCK_PROTOCOL_ANSWER_H
#define PENSTOCK_PROTOCOL_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/buffer.h"
#include "format/json.h"

struct arena;
struct failure;
struct think;
struct tool;

#define ANSWER_HELD_MAX (4 * 1024 * 1024) /* total bytes of the texts and arguments of an answer */
#define ANSWER_ITEMS_MAX 512
#define ANSWER_ID_SIZE 96

/* ANSWER_OPAQUE: reasoning that only its provider can read. */
enum answer_kind { ANSWER_TEXT, ANSWER_REFUSAL, ANSWER_REASONING, ANSWER_CALL, ANSWER_OPAQUE };
enum answer_status { ANSWER_IN_PROGRESS, ANSWER_COMPLETED, ANSWER_INCOMPLETE };
enum answer_stop { STOP_UNKNOWN, STOP_END, STOP_CALLS, STOP_LENGTH, STOP_FILTER, STOP_SEQUENCE, STOP_PAUSE };

/* How far arguments have been read. `ended`: a whole object or list; `plain`: something else. */
struct arguments_scan {
    int depth;
    bool quoted, escaped, ended, plain;
};

/* Texts are JSON strings without their quotes. */
struct answer_item {
    enum answer_kind kind;
    enum answer_status status;
    size_t index; /* in the answer; valid once the item has been reported */
    char id[ANSWER_ID_SIZE];
    bool reported;           /* to `events`, and in the answer */
    struct buffer text;      /* the text, the opaque data, or the arguments of a call */
    struct buffer logprobs;  /* list elements separated by commas */
    struct buffer signature; /* by which the provider knows its own reasoning or call again */
    /* of a call: its own id and name; the provider's id and index; the last list with its name */
    struct buffer call_id, name, provider_id;
    int64_t chat_index;
    size_t list;
    struct arguments_scan scan;
};

/* Called at each step. `inside` is the text that was appended to the item. */
struct answer_events {
    void (*added)(void *listener, const struct answer_item *item);
    void (*grown)(void *listener, const struct answer_item *item, struct json_value inside,
                  struct json_value logprobs);
    void (*done)(void *listener, const struct answer_item *item);
};

struct answer {
    struct arena *arena;                /* holds the items; their buffers are freed with it */
    const struct answer_events *events; /* may be NULL */
    void *listener;
    struct answer_item *items[ANSWER_ITEMS_MAX]; /* reported, in the order of the answer */
    struct answer_item *calls[ANSWER_ITEMS_MAX]; /* in the order of their first pieces */
    size_t count, call_count, created;
    size_t held, lists;       /* bytes of all texts; number of lists of calls so far */
    const struct tool *tools; /* of the request; NULL: none */
    struct answer_item *open; /* the text, refusal, reasoning or opaque item in progress, or NULL */
    struct answer_item *call; /* whose block the provider is writing, or NULL */
    struct think *think;      /* NULL: the text has no tags */
    enum answer_stop stop;
    struct json_value stop_sequence, explanation; /* strings, in the arena: what stopped it, why it refused */
    struct json_value id, model, service_tier;    /* strings, in the arena, as the provider gave them */
};

/* `tools` must outlive the answer. */
void answer_open(struct answer *answer, struct arena *arena, const struct tool *tools,
                 const struct answer_events *events, void *listener);

/* Copies the value, if it is a string of usual length, into the arena. */
void answer_learn(struct answer *answer, struct json_value *known, struct json_value value);

/* Closes all open items at the end of the answer. An answer without items gets an empty text. */
bool answer_finish(struct answer *answer, struct failure *why) MUST_CHECK;

/* Why the answer is incomplete ("max_output_tokens", "content_filter"); NULL: it is complete. */
const char *answer_incomplete(const struct answer *answer);

#endif
