/* What we say ourselves in a stream: its head, signs of life, a failure. */
#ifndef PENSTOCK_RELAY_RELAY_OWN_FRAMES_H
#define PENSTOCK_RELAY_RELAY_OWN_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "front/front.h"
#include "protocol/protocol.h"

struct failure;
struct relay_job;
struct stream;

/* What the protocol goes by; of a `stream` whose frames the client has not seen nothing is to be said. */
struct protocol_context relay_own_frames(const struct relay_job *job,
                                         const struct error_response *error_response,
                                         const struct stream *stream);

/* Sends bytes of the stream, after its head; false when nobody reads any more. */
bool relay_own_frames_send(struct relay_job *job, const char *bytes, size_t length,
                           enum front_more more) MUST_CHECK;

/* When the next sign of life is due, by clock_monotonic_us(); `headers_us`: when the provider's headers came,
 * 0: they did not. INT64_MAX: none is. */
int64_t relay_own_frames_due_us(const struct relay_job *job, int64_t headers_us);

/* Sends one; NULL: the client knows no stream yet. False when nobody reads any more. */
bool relay_own_frames_keepalive(struct relay_job *job, const struct stream *stream) MUST_CHECK;

/* Ends the stream with a failure, and the job with it. */
void relay_own_frames_failure(struct relay_job *job, const struct stream *stream,
                              const struct failure *failure);

#endif
