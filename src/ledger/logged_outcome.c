/* The outcome of an exchange, read from its line in the usage log. */
#include "ledger/logged_outcome.h"

#include <string.h>

#include "usage/usage_log_entry.h"

static enum failure_reason reason_of(const char *name)
{
    for (enum failure_reason reason = FAILURE_NONE; name && reason < FAILURE_REASONS; reason++)
        if (reason != FAILURE_NONE && strcmp(failure_reason_name(reason), name) == 0)
            return reason;
    return name ? FAILURE_OTHER : FAILURE_NONE;
}

/* The record of a failure within a stream has no status of the failure, so the status follows from the
 * reason. */
static int64_t status_of(const struct usage_log_entry *entry)
{
    struct failure usual;
    if (entry->provider_status >= 300)
        return entry->provider_status;
    if (entry->status >= 300)
        return entry->status;
    fail(&usual, reason_of(entry->reason), "%s", "");
    return usual.status;
}

/* Applies the rule of run_error_counts(), which decides by the failure itself. */
static bool is_run_error(const struct usage_log_entry *entry)
{
    int64_t status = status_of(entry);
    bool provider = entry->source && strcmp(entry->source, failure_source_name(SOURCE_PROVIDER)) == 0;
    bool network = entry->source && strcmp(entry->source, failure_source_name(SOURCE_NETWORK)) == 0;
    bool breaker_open = entry->facts.provider && entry->reason &&
                        strcmp(entry->reason, failure_reason_name(FAILURE_UNAVAILABLE)) == 0;
    bool broken = status == 500 || status == 502 || status == 503 || status == 504;
    return network || breaker_open || (provider && broken);
}

struct ledger_outcome logged_outcome(const struct usage_log_entry *entry)
{
    bool crashed = entry->end && strcmp(entry->end, "crashed") == 0;
    return (struct ledger_outcome){
        .reason = crashed ? FAILURE_OTHER : reason_of(entry->reason),
        .run_error = is_run_error(entry),
        .answered = entry->facts.provider && !entry->reason && entry->end &&
                    strcmp(entry->end, "complete") == 0,
    };
}

bool logged_run_reset(const struct usage_log_entry *entry)
{
    return entry->facts.endpoint && strcmp(entry->facts.endpoint, "/api/reset-inference-errors") == 0 &&
           entry->status == 200;
}
