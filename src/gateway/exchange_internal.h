/* What is known of one exchange while its steps are taken. */
#ifndef PENSTOCK_GATEWAY_EXCHANGE_INTERNAL_H
#define PENSTOCK_GATEWAY_EXCHANGE_INTERNAL_H

#include "base/failure.h"
#include "base/secret.h"
#include "config/limits.h"
#include "front/request.h"
#include "front/response.h"
#include "protocol/dialects/dialect.h"
#include "protocol/model_request.h"
#include "provider/provider_data.h"
#include "relay/relay_job.h"
#include "routing/target.h"
#include "usage/usage_line.h"

struct arena;
struct client_settings;
struct services;
struct route;
struct upload;

#define SECRETS_MAX 8 /* that no answer of ours shows: keys of either side, and a host */

struct exchange {
    const struct services *services;
    struct arena *arena;
    struct request request;
    struct response response;
    struct record record;
    const struct route *route;
    const char *rest; /* what followed the route in the path */
    const struct client_settings *client;
    struct model_request client_request; /* as the client sent it */
    struct model_request target_request; /* the same as the current target is to get it */
    struct upload *upload; /* the body where it is a form, which is not held; else NULL. In the arena */
    struct target target;
    struct dialect dialect;    /* what is spoken with the client and with the provider */
    struct provider_data data; /* what the client brings for its provider */
    struct secret secrets[SECRETS_MAX];
    struct relay_job job;
    struct failure failure; /* why it was refused */
    int64_t started_us;     /* clock_monotonic_us() */
    int64_t spent;          /* by tries before the last one, as far as it is known */
    bool recorded;          /* it leaves a record */
    bool governed;          /* an account is asked, and `standing` says how it stands with it */
    struct quota_status quota_status;
};

#endif
