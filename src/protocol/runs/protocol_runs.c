/* The run gateway's own API: answers are whole, and made from whole ones.
 *
 * Its clients never see a stream, so none is asked for: what a whole answer says it used is complete, and its
 * failures keep their status to the last byte. `state` is the exchange's arena. */
#include "protocol/protocol.h"
#include "protocol/runs/run_answer.h"

static bool put_chat(struct protocol_context *talk, struct json_value answer, const struct usage *usage,
                     struct buffer *out, struct failure *why)
{
    (void)usage;
    return run_answer_chat(talk->state, answer, out, why);
}

static bool put_embedding(struct protocol_context *talk, struct json_value answer, const struct usage *usage,
                          struct buffer *out, struct failure *why)
{
    (void)talk;
    (void)usage;
    return run_answer_embedding(answer, out, why);
}

const struct protocol protocol_run_chat = {.whole = put_chat};
const struct protocol protocol_run_embedding = {.whole = put_embedding};
