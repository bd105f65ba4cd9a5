/* A web server that speaks FastCGI (specification 1.0) to a worker. */
#ifndef FRONT_FASTCGI_H
#define FRONT_FASTCGI_H

#include <signal.h>
#include <stdint.h>

#include "front.h"

struct front_fastcgi;

/* A front that accepts on `listener`, which stays the caller's, unless `*leave`, which a signal handler may
 * set. A peer that neither sends nor reads for `timeout_ms` counts as gone. Ends the process when the library
 * cannot be initialised. */
struct front_fastcgi *front_fastcgi_open(int listener, int64_t timeout_ms,
                                         const volatile sig_atomic_t *leave);

/* Waits for a request whose variables have come and tells `taken` as soon as somebody connects. The front to
 * serve it by, or NULL when a signal or the listener's timeout came first, or what connected was no FastCGI
 * responder request. */
struct front *front_fastcgi_accept(struct front_fastcgi *fastcgi, void (*taken)(void *), void *context);

/* Closes what is left of a request and frees everything. */
void front_fastcgi_close(struct front_fastcgi *fastcgi);

#endif
