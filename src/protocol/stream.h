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
    STREAM_STRIP, /* a usage frame that the client did not ask for */
    STREAM_ERROR, /* the provider reports an error: the event's data is its body */
    STREAM_BROKEN /* a frame of invalid JSON: content is missing */
};

/* A frame without its words, to recognise the next one (see the fast path in stream.c). */
struct frame_template {
    size_t before, after; /* bytes before and after the words; before 0: no template */
    char bytes[FRAME_TEMPLATE_MAX];
};

struct stream {
    bool done;               /* "[DONE]" came, or the last event of a response */
    bool content;            /* a frame with content came */
    int64_t characters;      /* code points of all content so far */
    char id[STREAM_ID_SIZE]; /* of the completion, a JSON string with its quotes; "": unknown yet */
    struct token_usage usage;
    uint64_t seen[STREAM_CHOICES_MAX / 64], finished[STREAM_CHOICES_MAX / 64];
    /* private */
    bool strip_usage;
    struct json_value words;        /* the last content found in the current frame */
    struct frame_template template; /* of the last frame, if its content was one string */
};

/* `strip_usage`: frames that hold usage alone are not for the client. */
void stream_open(struct stream *stream, bool strip_usage);

/* Reads the next event. Data that does not begin like JSON passes. */
enum stream_verdict stream_look(struct stream *stream, const struct sse_event *event);

/* True once the provider has sent "[DONE]", the last event of a response, or a finish for every choice. */
bool stream_is_complete(const struct stream *stream);

#endif
