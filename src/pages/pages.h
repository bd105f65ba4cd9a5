/* The responses that the gateway makes itself: models, runs, health, status, metrics and a page for visitors.
 */
#ifndef PENSTOCK_PAGES_PAGES_H
#define PENSTOCK_PAGES_PAGES_H

#include <stdbool.h>

#include "base/base.h"

struct arena;
struct buffer;
struct client_settings;
struct failure;
struct request;
struct services;
struct route;

struct page_request {
    const struct request *request;
    const struct services *services;
    struct arena *arena;
    const struct route *route;
    const char *rest;                     /* the text after the path of the route: the ID of /v1/models/ID */
    const struct client_settings *client; /* NULL: an anonymous client */
    const char *query;
    bool anthropic;   /* the client speaks Anthropic's API */
    const char **run; /* set to the run that the query names, for the usage record */
};

struct page_response {
    int status;
    const char *type;  /* value of the Content-Type header */
    const char *stale; /* the providers whose list of models is out of date; NULL: none */
};

/* Answers a route that is not forwarded: fills `response` and writes its body. */
bool page_respond(const struct page_request *request, struct buffer *body, struct page_response *response,
                  struct failure *why) MUST_CHECK;

#endif
