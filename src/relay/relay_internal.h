/* Types and functions that the modules of the relay share. */
#ifndef PENSTOCK_RELAY_RELAY_INTERNAL_H
#define PENSTOCK_RELAY_RELAY_INTERNAL_H

#include "errors/failure_map.h"
#include "relay/relay.h"
#include "relay/relay_wait.h"

struct buffer;
struct upstream_answer;

/* Event streams are UTF-8 (WHATWG HTML, 9.2.5), but a client that goes by the rules for text in general takes
 * them for ISO-8859-1 if the type does not say so. */
#define EVENT_STREAM_TYPE "text/event-stream; charset=utf-8"

/* The state of a running job. */
struct relay {
    const struct relay_job *job;
    struct relay_result *result;
    struct upstream_answer *answer; /* the provider's answer, as far as it has arrived */
    struct relay_wait wait;
    int64_t started_us; /* clock_monotonic_us() */
};

/* One function for each mode; each returns as relay_run() does. relay_stream() and relay_raw() switch to
 * relay_buffered() if the answer is JSON or an error. */
bool relay_buffered(struct relay *relay, struct failure *why) MUST_CHECK;
bool relay_stream(struct relay *relay, struct failure *why) MUST_CHECK;
bool relay_raw(struct relay *relay, struct failure *why) MUST_CHECK;

/* Checks an answer that has arrived completely: a 2xx that is JSON without an error. Reads its usage and its
 * length into the result, and sets `root` to its JSON. */
bool relay_check(struct relay *relay, struct json_value *root, struct failure *why) MUST_CHECK;

/* Removes a byte order mark, which many clients do not skip. */
void relay_skip_mark(struct buffer *body);

/* Counts the part of a JSON answer that has come without its end. Nearly all of it is text. */
void relay_note_part(struct relay *relay);

/* Checks and sends an answer that has arrived completely. */
bool relay_finish_buffered(struct relay *relay, struct failure *why) MUST_CHECK;

/* Returns the provider's answer with `body`, for failure_map(). */
struct provider_answer relay_provider_answer(const struct relay *relay, const char *body, size_t length);

/* Fails with bad_response if the answer came in a content coding. Returns false if it did not. */
bool relay_fail_by_coding(const struct relay *relay, struct failure *why);

/* True if a hold that began at `since_us` and holds `length` bytes is over at `now_us`. */
bool hold_is_over(const struct hold *hold, int64_t since_us, size_t length, int64_t now_us);

/* Returns the time at which the hold ends even if no more bytes come; INT64_MAX: never. */
int64_t hold_due_us(const struct hold *hold, int64_t since_us);

/* Ends the exchange because the client left. Always returns true, for `return relay_client_left(...)`. */
static inline bool relay_client_left(struct relay *relay)
{
    relay->result->end = END_CLIENT_GONE;
    return true;
}

/* Records the failure that ends a response after its beginning. */
static inline void relay_note_failure(struct relay *relay, const struct failure *failure)
{
    relay->result->failure = *failure;
    relay->result->end = exchange_end_of_failure(failure, true);
}

#endif
