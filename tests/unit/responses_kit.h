/* Reads a response's stream as a client does, and checks that its events are consistent. */
#ifndef RESPONSES_KIT_H
#define RESPONSES_KIT_H

#include <stdbool.h>
#include <stddef.h>

#include "format/json.h"
#include "protocol/answer_writer.h"
#include "protocol/conversation.h"
#include "protocol/responses/responses_context.h"
#include "protocol/responses/responses_writer.h"

struct arena;
struct buffer;
struct failure;
struct token_usage;

#define HEARD_MAX 4096

struct heard_event {
    const char *type;
    struct json_value data;
};

struct heard {
    struct arena *arena;
    size_t count;
    struct heard_event events[HEARD_MAX];
    const char *fault; /* what is wrong with the bytes; NULL: nothing */
};

/* Reads the events of a complete stream; they live as long as the arena. */
void heard_read(struct heard *heard, struct arena *arena, const char *bytes, size_t length);

/* The first breach of the protocol, or NULL. Checks that numbers and each item's events are in order, that
 * deltas add up to the done text, and that the last event has exactly the items that were done. */
const char *heard_fault(const struct heard *heard);

/* The types one after the other, without "response.", a run of the same one as "type*". */
const char *heard_types(const struct heard *heard);

/* The response in the last event. */
struct json_value heard_response(const struct heard *heard);

/* A value's text, with "#" for random parts (ids, times). */
const char *masked(struct arena *arena, struct json_value value);

/* The two sides of the conversion that these tests are about: a provider that speaks chat completions, and a
 * client that speaks the Responses API. */
struct responses_stream {
    struct answer_writer writer;
    struct conversation conversation;
};

/* `ask` is what the response repeats of its request; its tools tell calls apart. */
void responses_stream_open(struct responses_stream *stream, struct arena *arena,
                           struct responses_context *ask);
/* The provider writes reasoning between tags. */
void responses_stream_takes_tags(struct responses_stream *stream);
bool responses_stream_frame(struct responses_stream *stream, const char *data, size_t length,
                            struct buffer *out, struct failure *why);
bool responses_stream_end(struct responses_stream *stream, const struct token_usage *usage,
                          struct buffer *out, struct failure *why);
bool responses_stream_fail(struct responses_stream *stream, struct json_value error, struct buffer *out);
bool responses_from_chat(struct arena *arena, struct responses_context *ask, struct json_value answer,
                         const struct token_usage *usage, struct buffer *response, struct failure *why);

/* Adds the functions of a list of tools of the Responses API to the conversation. */
void take_tools(struct conversation *conversation, struct json_value tools);

#define RESPONSES_ANSWER_MAX (32 * 1024 * 1024)
#define RESPONSES_END_MAX RESPONSES_ANSWER_MAX

#endif
