/* What the modules of the relay share. */
#ifndef PENSTOCK_RELAY_RELAY_INTERNAL_H
#define PENSTOCK_RELAY_RELAY_INTERNAL_H

#include "errors/failure_map.h"
#include "relay/relay.h"
#include "relay/relay_wait.h"

struct upstream_answer;

/* A job at work. */
struct relay {
    const struct relay_job *job;
    struct relay_result *result;
    struct upstream_answer *answer; /* the provider's, as far as it has come */
    struct relay_wait wait;
    int64_t started_us; /* clock_monotonic_us() */
};

/* One function a mode; each returns as relay_run() does. relay_stream() and relay_raw() go over to
 * relay_buffered() if the answer turns out to be JSON or an error. */
bool relay_buffered(struct relay *relay, struct failure *why) MUST_CHECK;
bool relay_stream(struct relay *relay, struct failure *why) MUST_CHECK;
bool relay_raw(struct relay *relay, struct failure *why) MUST_CHECK;

/* Checks an answer that has arrived completely, and sends it. */
bool relay_finish_buffered(struct relay *relay, struct failure *why) MUST_CHECK;

/* The provider's answer with `body`, for failure_map(). */
struct provider_answer relay_provider_answer(const struct relay *relay, const char *body, size_t length);

/* A hold that began at `since_us`: may `length` bytes leave at `now_us`? */
bool hold_is_over(const struct hold *hold, int64_t since_us, size_t length, int64_t now_us);

/* When time alone ends it; INT64_MAX: never. */
int64_t hold_due_us(const struct hold *hold, int64_t since_us);

/* The client has left: that is the end. Always true, for `return relay_client_left(...)`. */
static inline bool relay_client_left(struct relay *relay)
{
    relay->result->end = END_CLIENT_GONE;
    return true;
}

/* Notes the failure that ends a response after its beginning. It is no refusal any more. */
static inline void relay_note_failure(struct relay *relay, const struct failure *failure)
{
    enum exchange_end end = exchange_end_of_failure(failure);
    relay->result->failure = *failure;
    relay->result->end = end == END_REFUSED ? END_ERROR : end;
}

#endif
