/* Runs: groups of requests with an account of their own. */
#include "routing/run.h"

#include <inttypes.h>
#include <string.h>

#include "base/failure.h"
#include "base/money.h"
#include "format/splice.h"
#include "ledger/quota.h"

#define ID_MAX 128
#define SHOWN_MAX 100 /* bytes of an ID in a message */

static bool is_id(const char *text, size_t length)
{
    if (!length || length > ID_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return true;
}

/* Without the run, the request would bypass its limits. */
static bool reject(const char *where, struct failure *why)
{
    return fail(why, FAILURE_BAD_REQUEST, "%s: the ID of a run must have 1 to %d visible ASCII characters",
                where, ID_MAX);
}

bool run_from_header(const char *header, const char **run, struct failure *why)
{
    *run = NULL;
    if (!*header)
        return true;
    if (!is_id(header, strlen(header)))
        return reject("X-Run-Id", why);
    *run = header;
    return true;
}

const char *run_from_text(struct arena *arena, struct json_value text)
{
    size_t length = 0;
    const char *id = json_string(arena, text, &length);
    return id && is_id(id, length) ? id : NULL;
}

bool run_from_metadata(struct splice *body, struct arena *arena, const char **run, struct failure *why)
{
    struct splice_member *metadata;
    if (*run)
        return true;
    if (!splice_find(body, "metadata", &metadata, why))
        return false;
    struct json_value object = metadata ? metadata->was.value : (struct json_value){0};
    struct json_value id = json_get(object, "run_id");
    if (!id.at || json_kind(id) == JSON_NULL)
        return true;
    *run = run_from_text(arena, id);
    return (*run && json_count(object, "run_id") == 1) || reject("metadata.run_id", why);
}

/* An error that a provider reports with status 2xx counts with the status that the gateway assigned. An open
 * breaker counts because the provider has failed other requests. */
bool run_error_counts(const struct failure *failure, const char *provider)
{
    int status = failure->provider_status >= 300 ? failure->provider_status : failure->status;
    bool breaker_open = provider && failure->reason == FAILURE_UNAVAILABLE;
    if (failure->source == SOURCE_NETWORK || breaker_open)
        return true;
    return failure->source == SOURCE_PROVIDER &&
           (status == 500 || status == 502 || status == 503 || status == 504);
}

/* Spent money blocks the run; money that is only reserved may become available again. */
static bool reject_cost(const char *run, const struct quota_status *quota_status, struct failure *why)
{
    char spent[MONEY_TEXT_SIZE], limit[MONEY_TEXT_SIZE];
    money_print(quota_status->count, spent);
    money_print(quota_status->limit, limit);
    if (quota_status->verdict == QUOTA_RUN_BUSY)
        return fail(why, FAILURE_LIMIT_REACHED, "run %.*s has spent or reserved %s of %s USD", SHOWN_MAX, run,
                    spent, limit);
    fail(why, FAILURE_RUN_BLOCKED, "run %.*s is blocked: it has spent %s of %s USD", SHOWN_MAX, run, spent,
         limit);
    if (why)
        why->status = 429;
    return false;
}

static bool reject_errors(const char *run, const struct quota_status *quota_status, struct failure *why)
{
    return fail(why, FAILURE_RUN_BLOCKED,
                "run %.*s is blocked: it has had %" PRId64 " of %" PRId64 " permitted inference errors",
                SHOWN_MAX, run, quota_status->count, quota_status->limit);
}

bool run_check(const char *run, const struct quota_status *quota_status, struct failure *why)
{
    bool errors = quota_status->verdict == QUOTA_RUN_ERRORS;
    if (!errors && quota_status->verdict != QUOTA_RUN_COST && quota_status->verdict != QUOTA_RUN_BUSY)
        return true;
    (errors ? reject_errors : reject_cost)(run, quota_status, why);
    if (why)
        why->retry_after_ms = quota_status->retry_after_ms;
    return false;
}
