/* Writes the client's side of a stream: its head, and the frames that the gateway adds. */
#ifndef PENSTOCK_RELAY_CLIENT_STREAM_H
#define PENSTOCK_RELAY_CLIENT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "front/front.h"
#include "protocol/protocol.h"

struct failure;
struct relay;
struct stream;

/* In all functions `stream` is the provider's stream as far as the client has seen it; NULL: the client has
 * seen nothing. */

/* Returns the context for the functions of the client's protocol. */
struct protocol_context client_stream_context(const struct relay *relay, const struct stream *stream);

/* Sends bytes of the stream, after its head. Returns false if the client has left. */
bool client_stream_send(struct relay *relay, const char *bytes, size_t length,
                        enum front_more more) MUST_CHECK;

/* Sends a keepalive. Returns false if the client has left. */
bool client_stream_keepalive(struct relay *relay, const struct stream *stream) MUST_CHECK;

/* Returns the time at which the next keepalive is due, by clock_monotonic_us(); INT64_MAX: never.
 * `headers_us` is the time when the provider's headers came; 0: not yet. */
int64_t client_stream_keepalive_due_us(const struct relay *relay, int64_t headers_us);

/* Ends the stream with an error frame, and records the failure in the result. */
void client_stream_fail(struct relay *relay, const struct stream *stream, const struct failure *failure);

#endif
