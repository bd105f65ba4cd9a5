/* Reads the frames of a chat stream: content, usage, finish, errors. */
#ifndef PENSTOCK_PROTOCOL_STREAM_H
#define PENSTOCK_PROTOCOL_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "format/json.h"
#include "usage/token_usage.h"

struct sse_event;

#define STREAM_CHOICES_MAX 128
#define STREAM_ID_SIZE 128
#define FRAME_TEMPLATE_MAX 512

enum stream_verdict {
    STREAM_PASS,  /* the frame goes to the client unchanged */
    STREAM_STRIP, /* a usage frame that the client did not request */
    STREAM_ERROR, /* the provider reports an error, whose body is the event's data */
    STREAM_BROKEN /* the frame is invalid JSON, so content is missing */
};

/* The bytes of a frame around its content. The next frame usually has the same bytes (see the fast path in
 * stream.c). */
struct frame_template {
    size_t before, after; /* bytes before and after the content; `before` is 0 if there is no template */
    char bytes[FRAME_TEMPLATE_MAX];
};

struct stream {
    bool done;               /* the provider has sent "[DONE]" or the last event of a response */
    bool content;            /* the provider has sent a frame with content */
    int64_t characters;      /* code points of all content so far */
    char id[STREAM_ID_SIZE]; /* the completion's id, a JSON string with its quotes; "": unknown */
    struct token_usage usage;
    uint64_t seen[STREAM_CHOICES_MAX / 64], finished[STREAM_CHOICES_MAX / 64];
    /* private */
    bool strip_usage;
    struct json_value words;        /* the last content found in the current frame */
    struct frame_template template; /* made from the last frame, if its content was one string */
};

/* If `strip_usage` is true, frames that hold only usage are withheld from the client. */
void stream_open(struct stream *stream, bool strip_usage);

/* Reads the next event. Passes data that does not begin like JSON. */
enum stream_verdict stream_look(struct stream *stream, const struct sse_event *event);

/* True once the provider has sent "[DONE]", the last event of a response, or a finish for every choice. */
bool stream_is_complete(const struct stream *stream);

#endif
