/* Collects the messages or deltas of a chat into the items of a response.
 *
 * A delta is an incomplete message, so both are read alike. Text, refusal and reasoning each make an item
 * that stays open until content of another kind comes. Calls stay open to the end, because their deltas may
 * alternate. */
#include "protocol/responses/responses_output.h"

#include "base/arena.h"
#include "base/failure.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_calls.h"
#include "protocol/responses/responses_items.h"
#include "protocol/stream.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const struct json_value nothing = {0};

static void release_think(void *think)
{
    buffer_free(&((struct think *)think)->pending);
}

void output_open(struct output *output, struct arena *arena, const struct responses_context *context,
                 const struct output_events *events, void *listener)
{
    *output = (struct output){
        .arena = arena, .events = events, .listener = listener, .tools = context->echo[ECHO_TOOLS]};
    if (context->reasoning != REASONING_TAGS)
        return;
    output->think = arena_alloc(arena, sizeof *output->think);
    think_open(output->think, OUTPUT_HELD_MAX);
    arena_defer(arena, release_think, output->think);
}

/* ---- text, refusal, reasoning ---- */

static struct json_value inside_of(struct json_value text)
{
    return (struct json_value){text.at + 1, text.length - 2};
}

static bool add_inside(struct output *output, enum output_kind kind, struct json_value inside,
                       struct json_value logprobs, struct failure *why)
{
    if (output->open && output->open->kind != kind)
        output_close_text(output, OUTPUT_COMPLETED);
    if (!output->open) {
        calls_report(output);
        output->open = output_create(output, kind);
    }
    return output->open ? output_grow(output, output->open, inside, logprobs, true, why)
                        : output_fail_too_large(why);
}

static bool add_text(struct output *output, enum output_kind kind, struct json_value text,
                     struct json_value logprobs, struct failure *why)
{
    return !is_filled(text) || add_inside(output, kind, inside_of(text), logprobs, why);
}

static bool add_tagged(struct output *output, bool last, struct failure *why)
{
    struct json_value piece;
    bool reasoning;
    while (output->think && think_next(output->think, last, &piece, &reasoning))
        if (!add_inside(output, reasoning ? OUTPUT_REASONING : OUTPUT_TEXT, piece, nothing, why))
            return false;
    return true;
}

/* Adds text that may contain tagged reasoning. */
static bool add_content(struct output *output, struct json_value text, struct json_value logprobs,
                        struct failure *why)
{
    if (!output->think || !is_filled(text))
        return add_text(output, OUTPUT_TEXT, text, logprobs, why);
    return (think_feed(output->think, inside_of(text)) || output_fail_too_large(why)) &&
           add_tagged(output, false, why);
}

/* Adds content in parts. Mistral's reasoning models send {"type":"thinking","thinking":[texts]} beside the
 * text. */
static bool add_parts(struct output *output, struct json_value content, struct failure *why)
{
    struct json_value rest = json_elements(content), part;
    while (json_next_element(&rest, &part)) {
        struct json_value texts = json_elements(json_get(part, "thinking")), reasoning;
        if (!add_text(output, OUTPUT_TEXT, json_get(part, "text"), nothing, why))
            return false;
        while (json_next_element(&texts, &reasoning))
            if (!add_text(output, OUTPUT_REASONING, json_get(reasoning, "text"), nothing, why))
                return false;
    }
    return true;
}

/* ---- messages and choices ---- */

static bool take_message(struct output *output, struct json_value message, bool is_delta,
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
    return add_text(output, OUTPUT_REASONING, reasoning, nothing, why) &&
           add_content(output, members[CONTENT], logprobs, why) && add_parts(output, members[CONTENT], why) &&
           add_text(output, OUTPUT_REFUSAL, members[REFUSAL], nothing, why) &&
           calls_take(output, members[TOOL_CALLS], !is_delta, why) &&
           calls_take_function(output, members[FUNCTION_CALL], why);
}

/* The last finish counts, because some servers say "stop" on every chunk. */
static void take_finish(struct output *output, struct json_value reason)
{
    if (!stream_is_finish(reason))
        return;
    output->incomplete = NULL;
    if (is_word(reason, "length"))
        output->incomplete = "max_output_tokens";
    if (is_word(reason, "content_filter"))
        output->incomplete = "content_filter";
}

static bool take_choice(struct output *output, struct json_value choice, struct failure *why)
{
    enum { INDEX, MESSAGE, DELTA, LOGPROBS, FINISH_REASON, MEMBERS };
    static const char *const names[MEMBERS] = {"index", "message", "delta", "logprobs", "finish_reason"};
    struct json_value members[MEMBERS] = {{0}};
    int64_t index = 0;
    json_pick(choice, names, MEMBERS, members);
    if (json_integer(members[INDEX], &index) && index != 0)
        return true;
    take_finish(output, members[FINISH_REASON]);
    struct json_value logprobs = json_elements(json_get(members[LOGPROBS], "content"));
    bool is_delta = json_kind(members[DELTA]) == JSON_OBJECT;
    return take_message(output, is_delta ? members[DELTA] : members[MESSAGE], is_delta, logprobs, why);
}

bool output_take(struct output *output, struct json_value choices, struct failure *why)
{
    struct json_value rest = json_elements(choices), choice;
    while (json_next_element(&rest, &choice))
        if (!take_choice(output, choice, why))
            return false;
    return true;
}

/* A call without arguments gets an empty object, because an empty text is not JSON. */
static bool finish_call(struct output *output, struct output_item *item, enum output_status status,
                        struct failure *why)
{
    static const struct json_value none = {"{}", 2};
    if (!item->text.length && status == OUTPUT_COMPLETED &&
        !output_grow(output, item, none, nothing, true, why))
        return false;
    output_report_done(output, item, status);
    return true;
}

bool output_finish(struct output *output, struct failure *why)
{
    enum output_status last = output->incomplete ? OUTPUT_INCOMPLETE : OUTPUT_COMPLETED;
    if (!add_tagged(output, true, why) || !calls_finish(output, why))
        return false;
    if (!output->count) {
        output->open = output_create(output, OUTPUT_TEXT);
        output_report(output, output->open);
    }
    for (size_t i = 0; i < output->count; i++) {
        struct output_item *item = output->items[i];
        enum output_status status = i + 1 == output->count ? last : OUTPUT_COMPLETED;
        if (item->kind == OUTPUT_CALL && !finish_call(output, item, status, why))
            return false;
        if (item == output->open)
            output_close_text(output, status);
    }
    return true;
}
