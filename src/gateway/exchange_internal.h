/* The state of one exchange. */
#ifndef PENSTOCK_GATEWAY_EXCHANGE_INTERNAL_H
#define PENSTOCK_GATEWAY_EXCHANGE_INTERNAL_H

#include "base/failure.h"
#include "base/secret.h"
#include "format/trace_context.h"
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
#include "usage/record_id.h"
#include "usage/usage_line.h"

struct arena;
struct client_settings;
struct ledger_exchange;
struct services;
struct route;
struct upload;

#define SECRETS_MAX 8

/* The state of attempts at one target, filled in by attempt_setup.c. */
struct attempt_setup {
    struct target target;
    struct model_request request;       /* the client's request, as this target gets it */
    struct dialect dialect;             /* converts from the client's protocol to the provider's, and back */
    struct provider_data provider_data; /* the client's data for this provider */
    struct provider_request prepared;   /* the request that is sent upstream */
    struct upstream_limits own_limits;  /* the provider's; `prepared` has those of the next attempt */
    int64_t first_content_ms;           /* limit of the next attempt for the first content; 0: no limit */
    struct provider_health health;
    struct secret secrets[SECRETS_MAX]; /* keys and the provider's host: redacted in every response */
    size_t secret_count;
};

struct exchange {
    const struct services *services;
    struct arena *arena; /* memory that lives as long as the exchange */
    int64_t started_us;  /* clock_monotonic_us() */

    /* the client's side */
    struct request request;
    struct response response;
    const struct route *route;
    const char *path_rest;                /* the part of the path after the route */
    const struct client_settings *client; /* NULL: anonymous */
    struct model_request client_request;  /* the request as the client sent it */
    struct upload *upload;      /* the body of a form, which is not held in memory; NULL: not a form */
    struct failure failure;     /* why the request was refused */
    struct trace_context trace; /* the trace that the client has begun */

    /* the provider's side */
    struct attempt_setup setup; /* for the current target */
    struct relay_result result; /* of the last attempt */
    int64_t first_attempt_us;   /* clock_monotonic_us() when the attempts began */
    int64_t wasted_cost;        /* known cost of all attempts but the last, in the unit of record.cost */

    /* accounting */
    bool has_record;       /* the exchange leaves a usage record */
    bool has_quota_status; /* `quota_status` is valid, because the ledger was asked */
    struct quota_status quota_status;
    struct record record;
    char record_id[RECORD_ID_SIZE];
    struct ledger_exchange *ledger; /* set from accounting_begin() to accounting_record() */
};

#endif
