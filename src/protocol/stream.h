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
    STREAM_STRIP, /* the client does not get the frame: unrequested usage, or a misspelt "[DONE]" */
    STREAM_ERROR, /* the provider reports an error, see stream_error_body() */
    STREAM_NOISE, /* the data are neither JSON nor "[DONE]", and no client could read them */
    STREAM_BROKEN /* the frame is the beginning of JSON, so content may be missing */
};

/* The bytes of a frame around its content, usually those of the next frame too (see stream.c). */
struct frame_template {
    size_t before, after; /* bytes before and after the content; `before` is 0 if there is no template */
    int64_t choice;       /* index of the frame's choice; -1: none */
    bool finishes;        /* the choice has a finish_reason in this frame */
    enum usage_reading usage;
    char bytes[FRAME_TEMPLATE_MAX];
};

struct stream_choices {
    uint64_t bits[STREAM_CHOICES_MAX / 64];
};

struct stream {
    bool done;               /* the provider has sent "[DONE]" or the last event of a response */
    bool done_passed;        /* the client gets the provider's own "[DONE]" */
    bool content;            /* the provider has sent a frame with content */
    bool answered;           /* the provider has sent a choice, or an event of a response */
    bool usage_came;         /* with or after the last content, the provider has sent a usage */
    int64_t characters;      /* code points of all content so far */
    int64_t counted;         /* those that came before the last count of the completion's tokens */
    char id[STREAM_ID_SIZE]; /* the completion's id, a JSON string with its quotes; "": unknown */
    struct token_usage usage;
    struct stream_choices seen, finished, finished_with_content; /* the last: on a frame with content */
    bool strip_usage, response_begun, response_ended;            /* the last two: in a Responses stream */
    int64_t choices;                                             /* the number that the request asks for */
    struct json_value words;        /* the last content found in the current frame */
    struct frame_template template; /* made from the last frame, if its content was one string */
};

/* `strip_usage`: the client does not get frames that hold only usage. A number of 0 choices counts as 1. */
void stream_open(struct stream *stream, bool strip_usage, int64_t choices);

/* Reads the next event. */
enum stream_verdict stream_look(struct stream *stream, const struct sse_event *event);

/* The data of an event, or JSON without "data:"; the JSON of an error. They point into the event. */
struct json_value stream_event_text(const struct sse_event *event);
struct json_value stream_error_body(const struct sse_event *event);

/* True if a finish_reason ends its choice, and if the event is "[DONE]" in any spelling. */
bool stream_is_finish(struct json_value reason);
bool stream_is_done(const struct sse_event *event);

/* True once the provider has sent a finish for every choice that no content follows, the last event of a
 * response, or "[DONE]" that leaves open neither a response nor a choice beside a finished one. */
bool stream_is_complete(const struct stream *stream);

/* True if a choice has finished on a frame with content: some providers say "stop" on every frame. */
bool stream_finish_is_doubtful(const struct stream *stream);

/* Returns the provider's count, and an estimate of the content after it. The source is USAGE_NONE if the
 * provider has counted nothing. */
struct token_usage stream_usage(const struct stream *stream);

#endif
