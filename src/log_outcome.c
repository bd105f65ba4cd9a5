/* What a line of the usage log came to, as the ledger counts it. */
#include "log_outcome.h"

#include <string.h>

#include "log_entry.h"

/* As run_counts() tells of a failure, told from its record. */
static bool is_run_error(const struct log_entry *entry)
{
    int64_t status = entry->provider_status >= 300 ? entry->provider_status : entry->status;
    bool provider = entry->source && strcmp(entry->source, failure_source_name(SOURCE_PROVIDER)) == 0;
    bool network = entry->source && strcmp(entry->source, failure_source_name(SOURCE_NETWORK)) == 0;
    return network || (provider && (status == 500 || status == 502 || status == 503 || status == 504));
}

static enum failure_reason reason_of(const char *name)
{
    for (enum failure_reason reason = FAILURE_NONE; name && reason < FAILURE_REASONS; reason++)
        if (reason != FAILURE_NONE && strcmp(failure_reason_name(reason), name) == 0)
            return reason;
    return name ? FAILURE_OTHER : FAILURE_NONE;
}

struct ledger_outcome log_outcome(const struct log_entry *entry)
{
    bool crashed = entry->end && strcmp(entry->end, "crashed") == 0;
    return (struct ledger_outcome){
        .client = entry->client,
        .run = entry->run_id,
        .provider = entry->provider,
        .model = entry->model,
        .reason = crashed ? FAILURE_OTHER : reason_of(entry->reason),
        .run_error = is_run_error(entry),
        .prompt_tokens = entry->prompt_tokens,
        .completion_tokens = entry->completion_tokens,
        .cost = entry->cost,
        .duration_us = entry->duration_us,
    };
}
