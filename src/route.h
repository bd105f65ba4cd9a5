/* Which of our routes a request asks for, and which provider and model. */
#ifndef ROUTE_H
#define ROUTE_H

#include <stdbool.h>

#include "attributes.h"

struct arena;
struct failure;
struct provider_settings;
struct request;
struct settings;

enum route_kind { ROUTE_CHAT, ROUTE_MODELS, ROUTE_MODEL, ROUTE_HEALTH };

struct route {
    enum route_kind kind;
    const char *path;     /* as the usage log names it: "/v1/chat/completions" */
    const char *method;   /* the one it takes */
    const char *allow;    /* for the Allow header */
    const char *upstream; /* what is appended to a provider's base URL; NULL: we answer ourselves */
    bool takes_rest;      /* what follows the path belongs to it */
    bool open;            /* asks for no key and leaves no record */
};

/* The route that the request's path names under any prefix (contract, section 2), and what followed it,
 * percent-decoded. not_found or method_not_allowed. */
bool route_find(const struct request *request, const struct route **route, const char **rest,
                struct failure *why) MUST_CHECK;

/* Who is to answer: the name before the first ':' where that comes before the first '/' and is a configured
 * provider, else the default provider. */
struct route_target {
    const struct provider_settings *provider;
    const char *model; /* as the provider knows it */
};
bool route_model(const struct settings *settings, struct arena *arena, const char *asked,
                 struct route_target *target, struct failure *why) MUST_CHECK;

#endif
