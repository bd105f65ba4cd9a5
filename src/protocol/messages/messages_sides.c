/* The two sides of the Messages API. */
#include "protocol/dialect_sides.h"
#include "protocol/messages/messages_answer.h"
#include "protocol/messages/messages_read.h"
#include "protocol/messages/messages_write.h"
#include "protocol/messages/messages_writer.h"

const struct client_side messages_client = {
    .read_request = messages_read_request,
    .writer = &messages_writer_ops,
};

static bool is_message(struct json_value body)
{
    return json_kind(json_get(body, "content")) == JSON_ARRAY;
}

const struct provider_side messages_provider = {
    .path = "/messages",
    .write_request = messages_write_request,
    .read_frame = messages_answer_event,
    .read_body = messages_answer_body,
    .is_answer = is_message,
};
