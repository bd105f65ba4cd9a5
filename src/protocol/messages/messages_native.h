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

/* What a client of this API has seen over all attempts of its exchange. */
struct messages_client {
    bool announced; /* message_start, before a provider had answered */
};

/* The state of `protocol_messages` (protocol.h). */
struct messages_native {
    const struct messages_client *client; /* NULL: it has seen nothing */
    bool stopped;                         /* the provider has sent message_stop */
};

#endif
