/* Writes answers for clients that speak the Messages API. */
#ifndef PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_WRITER_H
#define PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_WRITER_H

#include "protocol/answer_writer.h"

/* The conversation's `private` is a struct messages_client (messages_native.h). */
extern const struct answer_writer_ops messages_writer_ops;

#endif
