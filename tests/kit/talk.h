/* One request to a gateway, the way a web server makes it: over FastCGI, or by running a CGI program. Or
 * to the web server itself, by HTTP. */
#ifndef KIT_TALK_H
#define KIT_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "text.h"

struct variables;

struct talk {
    int to, from; /* FastCGI: the same socket; -1: closed */
    pid_t pid;    /* CGI: the program; 0 otherwise */
    bool http;
    struct text out;
    size_t sent;
    struct text records;   /* FastCGI: bytes not decoded yet */
    struct text heard;     /* the gateway's answer: CGI headers and body */
    struct text complaint; /* FastCGI: the STDERR stream */
    bool ended;            /* END_REQUEST came, or the program closed its output */
    bool broken;           /* the connection ended without END_REQUEST */
    int application_status;
};

/* Sends the request over `socket` (taken over) by the FastCGI specification 1.0, as a responder without
 * FCGI_KEEP_CONN. */
void talk_fastcgi(struct talk *talk, int socket, struct variables *variables, const void *body,
                  size_t length);

/* Runs the program; what it writes to descriptor 2 goes to `err`. `environment` holds the request. */
void talk_cgi(struct talk *talk, const char *const *arguments, struct variables *environment,
              const void *body, size_t length, int err);

/* Sends the request by HTTP/1.1 over `socket` (taken over) with "Connection: close". `headers` are
 * complete lines with their CRLF. The answer is kept as it comes over the wire, including chunk sizes. */
void talk_http(struct talk *talk, int socket, const char *method, const char *url, const char *headers,
               const void *body, size_t length);

/* Sends and receives what it can, waiting up to `ms` for an event. False once the answer has ended.
 */
bool talk_step(struct talk *talk, int64_t ms);

/* The client leaves: closes the FastCGI connection, or sends SIGTERM to the CGI program and closes its
 * output. */
void talk_leave(struct talk *talk);

/* Closes what is still open. CGI: waits `ms`, then kills the program; returns the wait status. */
int talk_end(struct talk *talk, int64_t ms);

#endif
