/* Reads server-sent events from a stream of bytes: complete events only, with their bytes unchanged. */
#ifndef PENSTOCK_FORMAT_SSE_H
#define PENSTOCK_FORMAT_SSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "base/buffer.h"

#define SSE_NAME_SIZE 64

/* One event; its pointers are valid until the next call on the same parser. */
struct sse_event {
    const char *raw; /* unchanged, including the blank line at its end */
    size_t raw_length;
    const char *data; /* the data lines joined by line feeds; NULL if there are none */
    size_t data_length;
    const char *stray; /* the first line that is no field but begins like JSON; NULL if there is none. Without
                        * data, with all lines after it */
    size_t stray_length;
    char name[SSE_NAME_SIZE]; /* value of the "event:" line, cut to fit; "" if there is none */
};

struct sse_parser {
    struct buffer pending, joined;
    size_t line;     /* offset of the unfinished line in `pending` */
    size_t searched; /* offset from which the search for its end continues */
    size_t taken;    /* length of the last event, still in `pending` */
    bool started;    /* a line that is not empty has been read after the last event */
    bool opened;     /* the first event has been returned */
};

/* Initializes a parser for events of at most `ceiling` bytes. */
void sse_open(struct sse_parser *parser, size_t ceiling);
void sse_close(struct sse_parser *parser);

/* Adds bytes. Returns false if an event would exceed the ceiling. */
bool sse_feed(struct sse_parser *parser, const void *bytes, size_t length) MUST_CHECK;

/* Returns the number of bytes that sse_feed() would accept now. */
size_t sse_room(struct sse_parser *parser);

/* Reads the next event (WHATWG HTML, 9.2.5 and 9.2.6). Returns false if more bytes are needed. */
bool sse_next(struct sse_parser *parser, struct sse_event *event);

/* Reads the event that lacks its blank line at the end of the stream. Returns false if only line ends are
 * left. */
bool sse_last(struct sse_parser *parser, struct sse_event *event);

#endif
