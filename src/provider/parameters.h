/* The members of a request changed as its provider wants them. */
#ifndef PENSTOCK_PROVIDER_PARAMETERS_H
#define PENSTOCK_PROVIDER_PARAMETERS_H

#include <stdbool.h>

#include "base/base.h"

struct failure;
struct provider_settings;
struct splice;

struct parameters {
    struct splice *body;
    const char *model; /* as the provider knows it; NULL: none is named */
    bool completion;   /* a completion, to which the rules of preset and settings apply */
    bool stream;
};

/* `usage_asked` tells whether a stream's usage frame is asked for by us only. bad_request for a member that a
 * rule reads and that is given twice. */
bool parameters_apply(const struct provider_settings *provider, const struct parameters *parameters,
                      bool *usage_asked, struct failure *why) MUST_CHECK;

#endif
