/* How a request is put to a provider: where, with which key, and with which of its members changed. */
#ifndef PENSTOCK_PROVIDER_PROVIDER_H
#define PENSTOCK_PROVIDER_PROVIDER_H

#include <stdbool.h>

#include "base/base.h"
#include "base/secret.h"
#include "upstream/upstream.h"

struct arena;
struct failure;
struct provider_data;
struct provider_settings;
struct splice;

/* What of the client's request decides how it is forwarded. */
struct provider_ask {
    const char *path;    /* of the route, behind the base URL */
    const char *model;   /* as the provider knows it; NULL: none is named */
    struct splice *body; /* NULL: its list of models is asked for, whatever the path */
    const char *form;    /* the Content-Type of a body that is none of ours to read; NULL: `body` counts */
    bool completion;     /* a completion, chat or not: the rules for parameters hold */
    bool stream;
    bool raw;                         /* any kind of answer will do */
    const struct provider_data *data; /* what the client brings for it; NULL: nothing */
};

/* A request that is ready to be sent. */
struct provider_request {
    struct upstream_request upstream;
    bool strip_usage; /* the stream's usage frame was requested by us alone: the client must not get it */
};

/* Fills `request`, whose texts live as long as the arena. bad_request for a wrong member that a parameter
 * rule reads; authentication if the provider needs a key and there is none. */
bool provider_prepare(const struct provider_settings *provider, const struct provider_ask *ask,
                      struct arena *arena, struct provider_request *request, struct failure *why) MUST_CHECK;

/* False: it has no list of models to be asked for. */
bool provider_lists_models(const struct provider_settings *provider);

/* The host of its base URL, without the port, in the arena; not to be wiped. */
struct secret provider_host(const struct provider_settings *provider, struct arena *arena);

/* Is it asked with a key that the client brings, in whatever form? */
bool provider_takes_key(const struct provider_settings *provider, const struct provider_data *data);

/* False: requests to it would fail for want of a key. */
bool provider_has_key(const struct provider_settings *provider);

#endif
