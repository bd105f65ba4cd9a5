/* A request by CGI: the web server has started this process for it (RFC 3875). */
#ifndef PENSTOCK_FRONT_FRONT_CGI_H
#define PENSTOCK_FRONT_FRONT_CGI_H

#include <stdint.h>

#include "front/front.h"

struct front_cgi {
    struct front front;
    int signals;       /* a signalfd of SIGTERM */
    int64_t body_left; /* bytes of the body still to come; -1: until the end of the input */
    bool socket;       /* standard output is a socket */
    int timeout_ms;
};

/* Uses standard input and output, and SIGTERM, by which servers say that the client has gone. A web server
 * that neither sends nor reads for `timeout_ms` counts as gone. Only one per process. */
void front_cgi_open(struct front_cgi *cgi, int64_t timeout_ms);

#endif
