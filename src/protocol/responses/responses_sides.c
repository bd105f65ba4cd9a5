/* The two sides of the Responses API. */
#include "protocol/dialect_sides.h"
#include "protocol/responses/responses_read.h"
#include "protocol/responses/responses_writer.h"

const struct client_side responses_client = {
    .read_request = responses_read_request,
    .writer = &responses_writer_ops,
};
