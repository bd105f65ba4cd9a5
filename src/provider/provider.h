/* Prepares a request to a provider: URL, key, headers, limits, and the members that are changed. */
#ifndef PENSTOCK_PROVIDER_PROVIDER_H
#define PENSTOCK_PROVIDER_PROVIDER_H

#include <stdbool.h>

#include "base/base.h"
#include "base/secret.h"
#include "config/api.h"
#include "upstream/upstream.h"

struct arena;
struct failure;
struct provider_data;
struct provider_settings;
struct splice;

/* Describes a request to a provider. */
struct provider_ask {
    const char *path;    /* path of the route, appended to the base URL */
    const char *model;   /* the model, as the provider names it; NULL: none */
    struct splice *body; /* NULL, with no form either: requests the list of models and ignores the path */
    enum api api;        /* the API that the path belongs to */
    const char *form;    /* the Content-Type of a form that passes through; NULL: there is none */
    const char
        *method; /* of a request of any kind that passes through, with a query in `path`; NULL: it is none */
    bool completion; /* chat or older completion: the rules for parameters apply */
    bool stream;
    bool raw;                         /* an answer of any type is passed on */
    const struct provider_data *data; /* the client's own key and headers; NULL: none */
};

/* The code of the failure if only the client's own key could have been used and there is none. Another target
 * may have a key. */
#define PROVIDER_KEY_MISSING "provider_key_missing"

/* A request that is ready to be sent. */
struct provider_request {
    struct upstream_request upstream;
    bool strip_usage; /* only the gateway requested the usage frame: the client must not get it */
};

/* Fills `request`, whose texts live as long as the arena. Fails with bad_request if a member that a parameter
 * rule reads is wrong or the client has to bring a key and has not, with authentication if the provider needs
 * a key and has none. */
bool provider_prepare(const struct provider_settings *provider, const struct provider_ask *ask,
                      struct arena *arena, struct provider_request *request, struct failure *why) MUST_CHECK;

/* True if the provider has a list of models. */
bool provider_lists_models(const struct provider_settings *provider);

/* The host of the base URL without the port, in the arena; not to be wiped. */
struct secret provider_host(const struct provider_settings *provider, struct arena *arena);

/* True if a request would use the client's key or its Authorization header. */
bool provider_takes_key(const struct provider_settings *provider, const struct provider_data *data);

/* True if the provider has a key or needs none. */
bool provider_has_key(const struct provider_settings *provider);

#endif
