/* The web server that started this process for one request (RFC 3875). */
#ifndef PENSTOCK_FRONT_FRONT_CGI_H
#define PENSTOCK_FRONT_FRONT_CGI_H

#include <stdint.h>

#include "front/front.h"

struct front_cgi {
    struct front front;
    int signals;       /* a signalfd that holds SIGTERM */
    int64_t body_left; /* bytes of the body still to come; -1: until the end of the input */
    bool socket;       /* is where the answer goes */
    int timeout_ms;
};

/* Takes over standard input and output and SIGTERM, which is how a server says that the client has gone. A
 * peer that neither sends nor reads for `timeout_ms` counts as gone. Only one per process. */
void front_cgi_open(struct front_cgi *cgi, int64_t timeout_ms);

#endif
