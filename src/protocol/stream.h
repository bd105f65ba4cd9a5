/* What the frames of a chat stream say about it: how far it is, what it used, what went wrong. */
#ifndef PENSTOCK_PROTOCOL_STREAM_H
#define PENSTOCK_PROTOCOL_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/frame_template.h"
#include "usage/usage.h"

struct sse_event;

#define STREAM_CHOICES_MAX 128
#define STREAM_ID_SIZE 128

enum stream_verdict {
    STREAM_PASS,  /* goes to the client as it came */
    STREAM_STRIP, /* the usage that only we asked for */
    STREAM_ERROR, /* the provider reports a failure: `data` of the event is its body */
    STREAM_BROKEN /* begun as a frame, but not to be read as one: content is missing */
};

struct stream {
    bool strip_usage;        /* set by the caller */
    bool done;               /* "[DONE]" came, or what ends a response */
    bool content;            /* a frame with content came */
    int64_t characters;      /* code points of all content so far */
    char id[STREAM_ID_SIZE]; /* the completion's own, a JSON text; "" until known */
    struct usage usage;
    uint64_t seen[STREAM_CHOICES_MAX / 64], finished[STREAM_CHOICES_MAX / 64];
    struct json_value words;        /* what the frame at hand was found to say, the last of it */
    struct frame_template template; /* of the frame before, if one string of content was all it brought */
};

void stream_open(struct stream *stream, bool strip_usage);

/* Looks at the next frame. What was never meant to be JSON passes: we are not its judge. */
enum stream_verdict stream_look(struct stream *stream, const struct sse_event *event);

/* Did the provider say that the answer is whole? */
bool stream_is_complete(const struct stream *stream);

#endif
