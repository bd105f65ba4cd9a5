/* The answer to the web server: header lines first, then the body, never the other way. */
#ifndef PENSTOCK_FRONT_RESPONSE_H
#define PENSTOCK_FRONT_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/buffer.h"
#include "front/front.h"

/* nginx takes 4 KB of header lines by default, status line included; a line that does not fit is left out. */
#define RESPONSE_HEAD_MAX 3900

struct response {
    struct front *front;
    struct buffer head;
    int status;      /* 0: none yet */
    bool begun;      /* the head is out: nothing about it can be changed */
    bool broken;     /* nobody reads any more */
    bool head_only;  /* HEAD: the body is not sent */
    int64_t bytes;   /* of the body, written */
    int64_t last_us; /* clock_monotonic_us() of the last write */
};

void response_open(struct response *response, struct front *front, bool head_only);
void response_close(struct response *response);

/* Adds a header line; control characters in the value become blanks. Only before the first response_send().
 */
void response_header(struct response *response, const char *name, const char *value);

/* Sets the status line (RFC 3875, 6.3.3); the head goes out with the first bytes of the body, in one write.
 */
void response_begin(struct response *response, int status);

/* Sends a part of the body; false when nobody reads any more. */
bool response_send(struct response *response, const void *bytes, size_t length, enum front_more more);

#endif
