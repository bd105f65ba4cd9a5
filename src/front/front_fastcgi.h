/* The front for FastCGI (specification 1.0), with one connection per request. */
#ifndef PENSTOCK_FRONT_FRONT_FASTCGI_H
#define PENSTOCK_FRONT_FRONT_FASTCGI_H

#include <stdbool.h>
#include <stdint.h>

#include "front/front.h"

struct front_fastcgi;
struct loop;

/* True if libfcgi's reads and writes can wait in an event loop, so that a process can serve several
 * connections at a time. Tried with a request of our own; call it once, because it costs a few system calls.
 */
bool front_fastcgi_can_wait(void);

/* A web server that neither sends nor reads for `timeout_ms` counts as gone. If `loop_waits`, reads and
 * writes wait in `loop`; otherwise they block. Ends the process if libfcgi cannot be initialised. */
struct front_fastcgi *front_fastcgi_open(int64_t timeout_ms, struct loop *loop, bool loop_waits);

/* Waits for the variables of the request on `connection`, which this module closes in any case. Returns NULL
 * if no FastCGI responder request comes. The front is valid until the next call. */
struct front *front_fastcgi_take(struct front_fastcgi *fastcgi, int connection);

/* Closes a connection that is still open and frees everything. */
void front_fastcgi_close(struct front_fastcgi *fastcgi);

#endif
