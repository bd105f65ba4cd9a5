/* The two sides of the Messages API. */
#include "protocol/dialect_sides.h"
#include "protocol/messages/messages_read.h"
#include "protocol/messages/messages_writer.h"

const struct client_side messages_client = {
    .read_request = messages_read_request,
    .writer = &messages_writer_ops,
};
