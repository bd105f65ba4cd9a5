/* The response to the web server: header lines first, then the body. */
#ifndef PENSTOCK_FRONT_RESPONSE_H
#define PENSTOCK_FRONT_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/buffer.h"
#include "front/front.h"

/* nginx accepts 4 KB of header lines by default, status line included. A line that does not fit is left out.
 */
#define RESPONSE_HEAD_MAX 3900

struct response {
    struct front *front;
    struct buffer head;
    int status;      /* 0: none yet */
    bool begun;      /* the head has been sent and can no longer change */
    bool broken;     /* the web server no longer reads */
    bool head_only;  /* HEAD: the body is not sent */
    int64_t bytes;   /* bytes of the body written */
    int64_t last_us; /* clock_monotonic_us() of the last write */
};

void response_open(struct response *response, struct front *front, bool head_only);
void response_close(struct response *response);

/* Adds a header line; control characters in the value become spaces. Must be called before the first
 * response_send(). */
void response_header(struct response *response, const char *name, const char *value);

/* Sets the status (RFC 3875, 6.3.3). The head is sent in one write with the first bytes of the body. */
void response_begin(struct response *response, int status);

/* Sends a part of the body. Returns false if the web server no longer reads. */
bool response_send(struct response *response, const void *bytes, size_t length, enum front_more more);

/* Writes what FRONT_LAST has kept back, although finish() does not follow soon. */
void response_flush(struct response *response);

#endif
