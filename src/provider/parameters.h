/* Changes the members of a request as its provider wants them. */
#ifndef PENSTOCK_PROVIDER_PARAMETERS_H
#define PENSTOCK_PROVIDER_PARAMETERS_H

#include <stdbool.h>

#include "base/base.h"

struct failure;
struct provider_settings;
struct splice;

struct parameters {
    struct splice *body;
    const char *model; /* the provider's name for it; NULL: none */
    bool completion;   /* the request is a completion, to which the rules of preset and settings apply */
    bool stream;
};

/* Sets `usage_requested` if the gateway, and not the client, requests a stream's usage frame. Fails with
 * bad_request if a member that a rule reads occurs twice. */
bool parameters_apply(const struct provider_settings *provider, const struct parameters *parameters,
                      bool *usage_requested, struct failure *why) MUST_CHECK;

#endif
