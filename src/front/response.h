/* The answer to the web server: header lines first, then the body, never the other way. */
#ifndef REPLY_H
#define REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/buffer.h"
#include "front/front.h"

/* nginx takes 4 KB of header lines by default, status line included; a line that does not fit is left out. */
#define REPLY_HEAD_MAX 3900

struct reply {
    struct front *front;
    struct buffer head;
    int status;      /* 0: none yet */
    bool begun;      /* the head is out: nothing about it can be changed */
    bool broken;     /* nobody reads any more */
    bool head_only;  /* HEAD: the body is not sent */
    int64_t bytes;   /* of the body, written */
    int64_t last_us; /* clock_monotonic_us() of the last write */
};

void reply_open(struct reply *reply, struct front *front, bool head_only);
void reply_close(struct reply *reply);

/* Adds a header line; control characters in the value become blanks. Only before the first reply_send(). */
void reply_header(struct reply *reply, const char *name, const char *value);

/* Sets the status line (RFC 3875, 6.3.3); the head goes out with the first bytes of the body, in one write.
 */
void reply_begin(struct reply *reply, int status);

/* Sends a part of the body; false when nobody reads any more. */
bool reply_send(struct reply *reply, const void *bytes, size_t length, enum front_more more);

#endif
