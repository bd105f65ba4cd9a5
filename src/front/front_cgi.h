/* The front for CGI (RFC 3875): the web server starts a process for each request. */
#ifndef PENSTOCK_FRONT_FRONT_CGI_H
#define PENSTOCK_FRONT_FRONT_CGI_H

#include <stddef.h>
#include <stdint.h>

#include "front/front.h"
#include "loop/loop.h"

#define FRONT_CGI_LAST_MAX 4096

struct front_cgi {
    struct front front;
    int signals; /* a signalfd of SIGTERM */
    struct loop *loop;
    struct loop_watch watch; /* of `signals` */
    struct task *task;       /* to wake when SIGTERM comes */
    int64_t body_left;       /* bytes of the body not yet read; -1: it ends with the input */
    bool socket;             /* standard output is a socket */
    int timeout_ms, read_timeout_ms;
    char last[FRONT_CGI_LAST_MAX]; /* the end of the response, which finish() writes */
    size_t last_length;
};

/* Takes over standard input, standard output and SIGTERM, which web servers send when the client has left. A
 * web server that neither sends nor reads for `timeout_ms` counts as gone. A process can have only one CGI
 * front. `loop` is borrowed. */
void front_cgi_open(struct front_cgi *cgi, int64_t timeout_ms, struct loop *loop);

#endif
