/* Reads the answers of providers that speak the Messages API (API reference, "Streaming messages").
 *
 * Blocks of Anthropic's own tools are left out; the text beside them says what they found. */
#include "protocol/messages/messages_answer.h"

#include "base/base.h"
#include "protocol/answer.h"
#include "protocol/answer_items.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/stream.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const struct json_value nothing = {0};

/* A call's input comes in deltas after its block, or whole with it. */
static bool begin_call(struct answer *answer, struct json_value block, struct failure *why)
{
    struct json_value input = json_get(block, "input"), inside = json_members(input);
    answer->call = answer_begin_call(answer, json_get(block, "id"), json_get(block, "name"), nothing, why);
    return answer->call && (!inside.length || answer_add_object(answer, answer->call, input, why));
}

static bool begin_block(struct answer *answer, struct json_value block, struct failure *why)
{
    struct json_value type = json_get(block, "type");
    answer->call = NULL;
    if (is_word(type, "text"))
        return answer_add(answer, ANSWER_TEXT, json_get(block, "text"), why);
    if (is_word(type, "thinking"))
        return answer_add(answer, ANSWER_REASONING, json_get(block, "thinking"), why) &&
               answer_sign(answer, json_get(block, "signature"), why);
    if (is_word(type, "redacted_thinking")) {
        answer_close_text(answer, ANSWER_COMPLETED);
        return answer_add(answer, ANSWER_OPAQUE, json_get(block, "data"), why);
    }
    return !is_word(type, "tool_use") || begin_call(answer, block, why);
}

static bool take_delta(struct answer *answer, struct json_value delta, struct failure *why)
{
    struct json_value type = json_get(delta, "type"), partial = json_get(delta, "partial_json");
    if (is_word(type, "text_delta"))
        return answer_add(answer, ANSWER_TEXT, json_get(delta, "text"), why);
    if (is_word(type, "thinking_delta"))
        return answer_add(answer, ANSWER_REASONING, json_get(delta, "thinking"), why);
    if (is_word(type, "signature_delta"))
        return answer_sign(answer, json_get(delta, "signature"), why);
    if (is_word(type, "input_json_delta") && answer->call && is_filled(partial))
        return answer_add_arguments(answer, answer->call,
                                    (struct json_value){partial.at + 1, partial.length - 2}, why);
    return true;
}

/* Each block of thinking has a signature of its own, so the next one is another item. */
static void end_block(struct answer *answer)
{
    answer->call = NULL;
    if (answer->open && (answer->open->kind == ANSWER_REASONING || answer->open->kind == ANSWER_OPAQUE))
        answer_close_text(answer, ANSWER_COMPLETED);
}

static void take_stop(struct answer *answer, struct json_value delta)
{
    static const char *const reasons[] = {
        "end_turn",      "tool_use",   "max_tokens", "model_context_window_exceeded",
        "stop_sequence", "pause_turn", "refusal"};
    static const enum answer_stop stops[] = {STOP_END,      STOP_CALLS, STOP_LENGTH, STOP_LENGTH,
                                             STOP_SEQUENCE, STOP_PAUSE, STOP_FILTER};
    struct json_value reason = json_get(delta, "stop_reason");
    size_t index = word_index(reason, reasons, COUNT(reasons));
    if (!stream_is_finish(reason))
        return;
    answer->stop = index < COUNT(reasons) ? stops[index] : STOP_END;
    answer_learn(answer, &answer->stop_sequence, json_get(delta, "stop_sequence"));
    answer_learn(answer, &answer->explanation, json_get(json_get(delta, "stop_details"), "explanation"));
}

static void learn(struct answer *answer, struct json_value message)
{
    answer_learn(answer, &answer->id, json_get(message, "id"));
    answer_learn(answer, &answer->model, json_get(message, "model"));
}

bool messages_answer_event(struct answer *answer, struct json_value event, struct failure *why)
{
    struct json_value type = json_get(event, "type");
    if (is_word(type, "content_block_delta"))
        return take_delta(answer, json_get(event, "delta"), why);
    if (is_word(type, "content_block_start"))
        return begin_block(answer, json_get(event, "content_block"), why);
    if (is_word(type, "content_block_stop"))
        end_block(answer);
    if (is_word(type, "message_start"))
        learn(answer, json_get(event, "message"));
    if (is_word(type, "message_delta"))
        take_stop(answer, json_get(event, "delta"));
    return true;
}

bool messages_answer_body(struct answer *answer, struct json_value message, struct failure *why)
{
    struct json_value rest = json_elements(json_get(message, "content")), block;
    learn(answer, message);
    while (json_next_element(&rest, &block)) {
        if (!begin_block(answer, block, why))
            return false;
        end_block(answer);
    }
    take_stop(answer, message);
    return true;
}
