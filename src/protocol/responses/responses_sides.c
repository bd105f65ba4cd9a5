/* The two sides of the Responses API. */
#include "protocol/dialect_sides.h"
#include "protocol/responses/responses_answer.h"
#include "protocol/responses/responses_read.h"
#include "protocol/responses/responses_write.h"
#include "protocol/responses/responses_writer.h"

const struct client_side responses_client = {
    .read_request = responses_read_request,
    .writer = &responses_writer_ops,
};

static bool is_response(struct json_value body)
{
    return json_kind(json_get(body, "output")) == JSON_ARRAY;
}

const struct provider_side responses_provider = {
    .path = "/responses",
    .write_request = responses_write_request,
    .read_frame = responses_answer_event,
    .read_body = responses_answer_body,
    .is_answer = is_response,
};
