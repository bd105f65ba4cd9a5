/* A chat completion as the response that its client asked for. */
#include "protocol/responses/responses_answer.h"

#include "base/arena.h"
#include "base/failure.h"
#include "format/json_write.h"
#include "protocol/responses/responses_object.h"
#include "protocol/responses/responses_output.h"

bool responses_from_chat(struct arena *arena, const struct responses_context *ask, struct json_value answer,
                         const struct usage *usage, struct buffer *response, struct failure *why)
{
    struct response_object whole;
    struct output *output = arena_alloc(arena, sizeof *output);
    response_object_open(&whole, ask);
    response_object_learn(&whole, arena, answer);
    output_open(output, arena, ask->reasoning, NULL, NULL);
    if (!output_take(output, json_get(answer, "choices"), why) || !output_finish(output, why))
        return false;
    whole.status = output->incomplete ? "incomplete" : "completed";
    whole.output = output;
    whole.usage = usage;
    struct json_writer object = json_write_begin(response);
    response_object_write(&object, &whole);
    json_write_end(&object);
    return object.whole ||
           fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held");
}
