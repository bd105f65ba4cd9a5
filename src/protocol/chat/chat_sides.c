/* The two sides of chat completions. */
#include "protocol/chat/chat_answer.h"
#include "protocol/chat/chat_read.h"
#include "protocol/chat/chat_write.h"
#include "protocol/chat/chat_writer.h"
#include "protocol/dialect_sides.h"
#include "protocol/provider_facts.h"

const struct client_side chat_client = {
    .read_request = chat_read_request,
    .writer = &chat_writer_ops,
};

static void open_answer(struct answer *answer, const struct provider_facts *facts)
{
    if (facts->reasoning == REASONING_TAGS)
        chat_answer_tags(answer);
}

static bool is_completion(struct json_value body)
{
    struct json_value rest = json_elements(json_get(body, "choices")), choice;
    return json_next_element(&rest, &choice);
}

const struct provider_side chat_provider = {
    .path = "/chat/completions",
    .completion = true,
    .write_request = chat_write_request,
    .open_answer = open_answer,
    .read_frame = chat_answer_take,
    .read_body = chat_answer_take,
    .read_end = chat_answer_end,
    .is_answer = is_completion,
};
