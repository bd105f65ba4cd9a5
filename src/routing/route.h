/* Finds the route of a request. */
#ifndef PENSTOCK_ROUTING_ROUTE_H
#define PENSTOCK_ROUTING_ROUTE_H

#include <stdbool.h>

#include "base/base.h"

struct failure;
struct request;

enum route_kind {
    ROUTE_CHAT,
    ROUTE_COMPLETIONS,
    ROUTE_RESPONSES,
    ROUTE_MESSAGES,
    ROUTE_COUNT_TOKENS,
    ROUTE_RESPONSES_COUNT,
    ROUTE_PASSTHROUGH, /* any other request that a provider answers */
    ROUTE_OTHER,       /* a path of the provider's that is none of the routes; see passthrough.h */
    ROUTE_HOME,        /* a page for people who open the address in a browser */
    ROUTE_MODELS,
    ROUTE_MODEL,
    ROUTE_HEALTH,
    ROUTE_STATUS,
    ROUTE_METRICS,
    ROUTE_RUN_INFERENCE,
    ROUTE_RUN_EMBEDDING,
    ROUTE_RUN_USAGE,
    ROUTE_RUN_RESET,
    ROUTE_RUN_CHAT_MODELS,
    ROUTE_RUN_EMBEDDING_MODELS
};

#define STATUS_UPGRADE_REQUIRED 426

struct route {
    enum route_kind kind;
    const char *path;     /* "/v1/chat/completions", as in the usage log */
    const char *method;   /* the only method that it accepts; HEAD counts as GET */
    const char *allow;    /* value of the Allow header */
    const char *upstream; /* appended to the base URL of a provider; NULL: the gateway answers */
    bool has_rest;        /* matches with any text after the path */
    bool model_optional;  /* a request without a model goes to the default provider */
    bool unbuffered;      /* its body is a form that is passed on without being buffered */
    bool raw;             /* a response of any type is passed on unchanged */
    bool run_api;         /* part of the run API, which has its own form of errors */
    bool monitoring;      /* a page about this host: not in the usage log, and answered even under overload */
    bool keyless;         /* needs no key */
    bool counts;          /* counts the tokens of a prompt, which costs nothing and is outside all limits */
};

/* Finds the route that the path of the request ends with, under any prefix, and the text after it,
 * percent-decoded. Fails with not_found, whose message names the nearest routes, or method_not_allowed, with
 * STATUS_UPGRADE_REQUIRED if the client wants a WebSocket. */
bool route_find(const struct request *request, const struct route **route, const char **rest,
                struct failure *why) MUST_CHECK;

/* Fails with not_found; the message names the nearest routes. */
bool route_reject(const struct request *request, struct failure *why);

/* True if the path, without a prefix, is that of a route, in any case and with any number of slashes at its
 * end. */
bool route_is_known(const char *path);

/* Returns the path of a request target, and its length without query and fragment. The absolute-form (RFC
 * 9112, 3.2.2) begins with a scheme and an authority. */
const char *route_uri_path(const char *uri, size_t *length);

#endif
