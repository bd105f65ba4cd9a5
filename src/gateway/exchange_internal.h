/* The state of one exchange. */
#ifndef PENSTOCK_GATEWAY_EXCHANGE_INTERNAL_H
#define PENSTOCK_GATEWAY_EXCHANGE_INTERNAL_H

#include "base/failure.h"
#include "base/secret.h"
#include "front/request.h"
#include "front/response.h"
#include "ledger/provider_health.h"
#include "ledger/quota.h"
#include "protocol/dialects/dialect.h"
#include "protocol/model_request.h"
#include "provider/provider.h"
#include "provider/provider_data.h"
#include "relay/relay_job.h"
#include "routing/target.h"
#include "usage/usage_line.h"

struct arena;
struct client_settings;
struct ledger_exchange;
struct services;
struct route;
struct upload;

#define SECRETS_MAX 8

/* What attempts at one target need; attempt_setup.c fills it. */
struct attempt_setup {
    struct target target;
    struct model_request request;       /* the client's, as this target gets it */
    struct dialect dialect;             /* from the client's protocol to the provider's, and back */
    struct provider_data provider_data; /* what the client sends for this provider */
    struct provider_request prepared;   /* what is sent upstream */
    struct provider_health health;
    struct secret
        secrets[SECRETS_MAX]; /* redacted in all that the client gets: keys, and the provider's host */
    size_t secret_count;
};

struct exchange {
    const struct services *services;
    struct arena *arena; /* holds all that lives as long as the exchange */
    int64_t started_us;  /* clock_monotonic_us() */

    /* the client's side */
    struct request request;
    struct response response;
    const struct route *route;
    const char *path_rest;                /* what follows the route in the path */
    const struct client_settings *client; /* NULL: anonymous */
    struct model_request client_request;  /* as it was read */
    struct upload *upload;                /* the body, if it is a form, which is not held; else NULL */
    struct failure failure;               /* why the request was refused */

    /* the provider's side */
    struct attempt_setup setup; /* of the current target */
    struct relay_result result; /* of the last attempt */
    int64_t first_attempt_us;   /* clock_monotonic_us() when the attempts began */
    int64_t wasted_cost;        /* of the attempts before the last one, as far as known; as record.cost */

    /* accounting */
    bool has_record;       /* the exchange leaves a usage record */
    bool has_quota_status; /* `quota_status` is valid: the ledger was asked */
    struct quota_status quota_status;
    struct record record;
    struct ledger_exchange *ledger; /* from accounting_begin() to accounting_record() */
};

#endif
