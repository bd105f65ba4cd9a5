/* A client and a provider that both speak the Messages API. */
#ifndef PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_NATIVE_H
#define PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_NATIVE_H

#include <stdbool.h>

#include "base/base.h"

struct buffer;
struct protocol_context;

/* Events that Penstock adds. */
#define MESSAGES_PING "event: ping\ndata: {\"type\": \"ping\"}\n\n"
#define MESSAGES_STOP "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"

/* The function `failure` of a struct protocol: writes the event "error", after which nothing follows. */
bool messages_put_failure(struct protocol_context *context, struct buffer *out) MUST_CHECK;

/* The state of `protocol_messages` (protocol.h): which events the client has. */
struct messages_native {
    bool begun, stopped; /* message_start, message_stop */
};

#endif
