/* Which of our routes a request asks for. */
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
    ROUTE_PASSED, /* whatever else a provider is asked by POST */
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

struct route {
    enum route_kind kind;
    const char *path;     /* as the usage log names it: "/v1/chat/completions" */
    const char *method;   /* the one it takes */
    const char *allow;    /* for the Allow header */
    const char *upstream; /* what is appended to a provider's base URL; NULL: we answer ourselves */
    bool takes_rest;      /* what follows the path belongs to it */
    bool model_optional;  /* a request that names no model is the default provider's */
    bool streamed;        /* its body is a form, and passes without being held */
    bool raw;             /* an answer of any kind passes as it comes */
    bool run_api;         /* belongs to the run gateway's own API, with its form of a failure */
    bool aside;           /* about this host: leaves no record, and is answered however crowded it is */
    bool open;            /* asks for no key */
};

/* The route that the request's path names under any prefix (contract, section 2), and what followed it,
 * percent-decoded. not_found or method_not_allowed. */
bool route_find(const struct request *request, const struct route **route, const char **rest,
                struct failure *why) MUST_CHECK;

#endif
