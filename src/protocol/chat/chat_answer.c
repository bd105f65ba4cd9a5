/* Reads the completions and chunks of a provider that speaks chat completions.
 *
 * A delta is an incomplete message, so both are read alike. */
#include "protocol/chat/chat_answer.h"

#include "base/arena.h"
#include "base/failure.h"
#include "protocol/answer.h"
#include "protocol/answer_items.h"
#include "protocol/chat/chat_calls.h"
#include "protocol/chat/chat_think.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/stream.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const struct json_value nothing = {0};

static void release_think(void *think)
{
    buffer_free(&((struct think *)think)->pending);
}

void chat_answer_tags(struct answer *answer)
{
    answer->think = arena_alloc(answer->arena, sizeof *answer->think);
    think_open(answer->think, ANSWER_HELD_MAX);
    arena_defer(answer->arena, release_think, answer->think);
}

/* ---- text, refusal, reasoning ---- */

static struct json_value inside_of(struct json_value text)
{
    return (struct json_value){text.at + 1, text.length - 2};
}

/* Calls stay open, so those whose names are known come before the content that begins now. */
static bool add_inside(struct answer *answer, enum answer_kind kind, struct json_value inside,
                       struct json_value logprobs, struct failure *why)
{
    if (!answer->open || answer->open->kind != kind)
        calls_report(answer);
    return answer_add_inside(answer, kind, inside, logprobs, why);
}

static bool add_text(struct answer *answer, enum answer_kind kind, struct json_value text,
                     struct json_value logprobs, struct failure *why)
{
    return !is_filled(text) || add_inside(answer, kind, inside_of(text), logprobs, why);
}

static bool add_tagged(struct answer *answer, bool last, struct failure *why)
{
    struct json_value piece;
    bool reasoning;
    while (answer->think && think_next(answer->think, last, &piece, &reasoning))
        if (!add_inside(answer, reasoning ? ANSWER_REASONING : ANSWER_TEXT, piece, nothing, why))
            return false;
    return true;
}

/* Adds text that may contain tagged reasoning. */
static bool add_content(struct answer *answer, struct json_value text, struct json_value logprobs,
                        struct failure *why)
{
    if (!answer->think || !is_filled(text))
        return add_text(answer, ANSWER_TEXT, text, logprobs, why);
    return (think_feed(answer->think, inside_of(text)) || answer_fail_too_large(why)) &&
           add_tagged(answer, false, why);
}

/* Adds content in parts. Mistral's reasoning models send {"type":"thinking","thinking":[texts]} beside the
 * text. */
static bool add_parts(struct answer *answer, struct json_value content, struct failure *why)
{
    struct json_value rest = json_elements(content), part;
    while (json_next_element(&rest, &part)) {
        struct json_value texts = json_elements(json_get(part, "thinking")), reasoning;
        if (!add_text(answer, ANSWER_TEXT, json_get(part, "text"), nothing, why))
            return false;
        while (json_next_element(&texts, &reasoning))
            if (!add_text(answer, ANSWER_REASONING, json_get(reasoning, "text"), nothing, why))
                return false;
    }
    return true;
}

/* ---- messages and choices ---- */

static bool take_message(struct answer *answer, struct json_value message, bool is_delta,
                         struct json_value logprobs, struct failure *why)
{
    enum { CONTENT, REFUSAL, REASONING_CONTENT, REASONING, TOOL_CALLS, FUNCTION_CALL, MEMBERS };
    static const char *const names[MEMBERS] = {"content",   "refusal",    "reasoning_content",
                                               "reasoning", "tool_calls", "function_call"};
    struct json_value members[MEMBERS] = {{0}};
    json_pick(message, names, MEMBERS, members);
    /* some providers send both members */
    struct json_value reasoning = is_filled(members[REASONING_CONTENT]) ? members[REASONING_CONTENT]
                                                                        : members[REASONING];
    return add_text(answer, ANSWER_REASONING, reasoning, nothing, why) &&
           add_content(answer, members[CONTENT], logprobs, why) && add_parts(answer, members[CONTENT], why) &&
           add_text(answer, ANSWER_REFUSAL, members[REFUSAL], nothing, why) &&
           calls_take(answer, members[TOOL_CALLS], !is_delta, why) &&
           calls_take_function(answer, members[FUNCTION_CALL], why);
}

/* The last finish counts, because some servers say "stop" on every chunk. */
static void take_finish(struct answer *answer, struct json_value reason)
{
    if (!stream_is_finish(reason))
        return;
    answer->stop = is_word(reason, "length") || is_word(reason, "model_context_window_exceeded") ? STOP_LENGTH
                   : is_word(reason, "content_filter") || is_word(reason, "refusal")             ? STOP_FILTER
                   : is_word(reason, "tool_calls") || is_word(reason, "function_call")           ? STOP_CALLS
                                                                                                 : STOP_END;
}

static bool take_choice(struct answer *answer, struct json_value choice, struct failure *why)
{
    enum { INDEX, MESSAGE, DELTA, LOGPROBS, FINISH_REASON, MEMBERS };
    static const char *const names[MEMBERS] = {"index", "message", "delta", "logprobs", "finish_reason"};
    struct json_value members[MEMBERS] = {{0}};
    int64_t index = 0;
    json_pick(choice, names, MEMBERS, members);
    if (json_integer(members[INDEX], &index) && index != 0)
        return true;
    take_finish(answer, members[FINISH_REASON]);
    struct json_value logprobs = json_elements(json_get(members[LOGPROBS], "content"));
    bool is_delta = json_kind(members[DELTA]) == JSON_OBJECT;
    return take_message(answer, is_delta ? members[DELTA] : members[MESSAGE], is_delta, logprobs, why);
}

bool chat_answer_take(struct answer *answer, struct json_value completion, struct failure *why)
{
    enum { ID, MODEL, SERVICE_TIER, CHOICES, MEMBERS };
    static const char *const names[MEMBERS] = {"id", "model", "service_tier", "choices"};
    struct json_value members[MEMBERS] = {{0}}, choice;
    json_pick(completion, names, MEMBERS, members);
    answer_learn(answer, &answer->id, members[ID]);
    answer_learn(answer, &answer->model, members[MODEL]);
    answer_learn(answer, &answer->service_tier, members[SERVICE_TIER]);
    struct json_value rest = json_elements(members[CHOICES]);
    while (json_next_element(&rest, &choice))
        if (!take_choice(answer, choice, why))
            return false;
    return true;
}

bool chat_answer_end(struct answer *answer, struct failure *why)
{
    return add_tagged(answer, true, why) && calls_finish(answer, why);
}
