/* Writes answers for clients that speak the Messages API. */
#ifndef PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_WRITER_H
#define PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_WRITER_H

#include <stdbool.h>

#include "protocol/answer_writer.h"

/* What the client has seen over all attempts of its exchange. */
struct messages_client {
    bool announced; /* message_start, before a provider had answered */
};

/* The conversation's `private` is a struct messages_client. */
extern const struct answer_writer_ops messages_writer_ops;

#endif
