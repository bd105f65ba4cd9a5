/* Reads server-sent events from a stream of bytes: complete events only, with their bytes as they came. */
#ifndef PENSTOCK_FORMAT_SSE_H
#define PENSTOCK_FORMAT_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "base/buffer.h"

#define SSE_NAME_SIZE 64

/* One event; its pointers hold until the next call on the same parser. */
struct sse_event {
    const char *raw; /* as it came, the blank line that ends it included */
    size_t raw_length;
    const char *data; /* the data lines joined by line feeds; NULL if there was none */
    size_t data_length;
    char name[SSE_NAME_SIZE]; /* of the "event:" line, cut to fit; "" if there was none */
};

struct sse_parser {
    struct buffer pending, joined;
    size_t line;     /* offset of the unfinished line in `pending` */
    size_t searched; /* how far its end was searched for */
    size_t taken;    /* length of the last event, still in `pending` */
    bool started;    /* a line that is not empty came after the last event */
    bool opened;     /* the first event was returned */
};

/* A parser whose events have at most `ceiling` bytes. */
void sse_open(struct sse_parser *parser, size_t ceiling);
void sse_close(struct sse_parser *parser);

/* Adds bytes; false when an event would exceed the ceiling. */
bool sse_feed(struct sse_parser *parser, const void *bytes, size_t length) MUST_CHECK;

/* How many bytes sse_feed() would accept now. */
size_t sse_room(struct sse_parser *parser);

/* The next event (WHATWG HTML, 9.2.5 and 9.2.6); false when more bytes are needed. */
bool sse_next(struct sse_parser *parser, struct sse_event *event);

/* At the end of the stream: an event that lacks its blank line; false when only line ends are left. */
bool sse_last(struct sse_parser *parser, struct sse_event *event);

#endif
