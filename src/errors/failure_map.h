/* A provider's error answer as our failure. */
#ifndef PENSTOCK_ERRORS_FAILURE_MAP_H
#define PENSTOCK_ERRORS_FAILURE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "format/json.h"

struct failure;
struct upstream_answer;

/* What a provider answered, of which `body` may be anything. */
struct provider_answer {
    int status;
    const struct upstream_answer *headers; /* NULL: none */
    struct json_value body;
    const char *provider;   /* the name of its preset, or its own; NULL: not known */
    struct secrets secrets; /* never to be seen in the failure */
};

/* The failure that an answer is; always false, for `return failure_map(...)`. */
bool failure_map(struct failure *why, const struct provider_answer *answer);

#endif
