/* A web server that speaks FastCGI (specification 1.0) to a worker. */
#ifndef PENSTOCK_FRONT_FRONT_FASTCGI_H
#define PENSTOCK_FRONT_FRONT_FASTCGI_H

#include <stdint.h>

#include "front/front.h"

struct front_fastcgi;

/* A peer that neither sends nor reads for `timeout_ms` counts as gone. Ends the process when the library
 * cannot be initialised. */
struct front_fastcgi *front_fastcgi_open(int64_t timeout_ms);

/* Waits for the variables of the request that comes by `connection`, which is taken over whatever comes. The
 * front to serve it by, or NULL when it is no FastCGI responder request. */
struct front *front_fastcgi_take(struct front_fastcgi *fastcgi, int connection);

/* Closes what is left of a request and frees everything. */
void front_fastcgi_close(struct front_fastcgi *fastcgi);

#endif
