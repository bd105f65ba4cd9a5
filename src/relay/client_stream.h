/* The client's side of a stream: its head, and the frames that the gateway itself puts into it. */
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

/* `stream` is the provider's as far as the client has seen it; NULL: it has seen nothing of it. */

/* What the client's protocol needs to know. */
struct protocol_context client_stream_context(const struct relay *relay, const struct stream *stream);

/* Sends bytes of the stream, after its head; false if the client has gone. */
bool client_stream_send(struct relay *relay, const char *bytes, size_t length,
                        enum front_more more) MUST_CHECK;

/* Sends a keepalive; false if the client has gone. */
bool client_stream_keepalive(struct relay *relay, const struct stream *stream) MUST_CHECK;

/* When the next keepalive is due, by clock_monotonic_us(). `headers_us`: when the provider's headers came; 0:
 * not yet. INT64_MAX: never. */
int64_t client_stream_keepalive_due_us(const struct relay *relay, int64_t headers_us);

/* Ends the stream with an error frame, and notes that in the result. */
void client_stream_fail(struct relay *relay, const struct stream *stream, const struct failure *failure);

#endif
