/* Reads an HTTP answer as it arrives: where its body ends, and when each event of a stream is complete. */
#ifndef BENCH_LISTENER_H
#define BENCH_LISTENER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVENT_KEPT 512
#define STAMPS_KEPT 64

struct listener {
    enum { HEAD, SIZED, CHUNK_SIZE, CHUNK, CHUNK_END, TO_CLOSE, ENDED } state;
    int status;      /* 0: not known yet */
    bool keep_alive; /* the connection may be used again */
    bool last_chunk; /* the one that ends the body has begun */
    size_t left;     /* of a sized body, or of a chunk */
    char line[8192]; /* the head so far, or a chunk's size */
    size_t line_length;
    char event[EVENT_KEPT]; /* the beginning of the event, enough to tell its kind */
    size_t event_length;
    bool after_newline;
    size_t frames; /* events with content, so far */
    /* When the provider sent the frames of the last reads, monotonic; a caller that has read them sets the
     * count to 0. */
    int64_t stamps[STAMPS_KEPT];
    size_t stamp_count;
    bool done;   /* data: [DONE] has come */
    bool failed; /* an error frame has come, or the answer is not HTTP */
};

void listener_reset(struct listener *listener);

/* Takes bytes in and returns how many belonged to this answer. `state` is then ENDED if the answer is
 * complete. */
size_t listener_hear(struct listener *listener, const char *bytes, size_t length);

#endif
