/* Runs: requests that belong together and have one account. */
#include "routing/run.h"

#include <inttypes.h>
#include <string.h>

#include "base/failure.h"
#include "base/money.h"
#include "format/splice.h"
#include "ledger/quota.h"

#define ID_MAX 128
#define SHOWN_MAX 100 /* of an id: the sentence has to fit into a message */

static bool is_id(const char *text, size_t length)
{
    if (!length || length > ID_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    return true;
}

/* Going on without its run would spend what the run may not. */
static bool refuse(const char *where, struct failure *why)
{
    return fail(why, FAILURE_BAD_REQUEST, "%s: the id of a run is 1 to %d visible characters of ASCII", where,
                ID_MAX);
}

bool run_from_header(const char *header, const char **run, struct failure *why)
{
    *run = NULL;
    if (!*header)
        return true;
    if (!is_id(header, strlen(header)))
        return refuse("X-Run-Id", why);
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
    return (*run && json_count(object, "run_id") == 1) || refuse("metadata.run_id", why);
}

/* A provider that reports a failure under a 2xx has the status that it was given for it. One that is left
 * alone because it has failed others fails this one as well. */
bool run_counts(const struct failure *failure, const char *provider)
{
    int status = failure->provider_status >= 300 ? failure->provider_status : failure->status;
    bool left_alone = provider && failure->reason == FAILURE_UNAVAILABLE;
    if (failure->source == SOURCE_NETWORK || left_alone)
        return true;
    return failure->source == SOURCE_PROVIDER &&
           (status == 500 || status == 502 || status == 503 || status == 504);
}

/* What is spent does not come back; what is set aside may. */
static bool refuse_money(const char *run, const struct quota_status *quota_status, struct failure *why)
{
    char spent[MONEY_TEXT_SIZE], most[MONEY_TEXT_SIZE];
    money_print(quota_status->count, spent);
    money_print(quota_status->limit, most);
    if (quota_status->verdict == LEDGER_RUN_BUSY)
        return fail(why, FAILURE_LIMIT_REACHED, "run %.*s has %s of %s USD spent or set aside", SHOWN_MAX,
                    run, spent, most);
    fail(why, FAILURE_RUN_BLOCKED, "run %.*s is stopped: %s of %s USD are spent", SHOWN_MAX, run, spent,
         most);
    if (why)
        why->status = 429;
    return false;
}

static bool refuse_errors(const char *run, const struct quota_status *quota_status, struct failure *why)
{
    return fail(why, FAILURE_RUN_BLOCKED,
                "run %.*s is stopped: it met %" PRId64 " inference errors of providers, of %" PRId64
                " that it may",
                SHOWN_MAX, run, quota_status->count, quota_status->limit);
}

bool run_allows(const char *run, const struct quota_status *quota_status, struct failure *why)
{
    bool errors = quota_status->verdict == LEDGER_RUN_ERRORS;
    if (!errors && quota_status->verdict != LEDGER_RUN_COST && quota_status->verdict != LEDGER_RUN_BUSY)
        return true;
    (errors ? refuse_errors : refuse_money)(run, quota_status, why);
    if (why)
        why->retry_after_ms = quota_status->retry_after_ms;
    return false;
}
