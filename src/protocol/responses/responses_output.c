/* Collects the messages or deltas of a chat into the items of a response.
 *
 * A delta is an incomplete message, so both are read alike. Text, refusal and reasoning each make an item
 * that stays open until content of another kind comes. Calls are told apart by the provider's index and stay
 * open to the end, because their deltas may alternate. */
#include "protocol/responses/responses_output.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/failure.h"
#include "format/json_write.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const struct json_value nothing = {0};

static void release_think(void *think)
{
    buffer_free(&((struct think *)think)->pending);
}

void output_open(struct output *output, struct arena *arena, enum responses_reasoning reasoning,
                 const struct output_events *events, void *listener)
{
    *output = (struct output){.arena = arena, .events = events, .listener = listener};
    if (reasoning != REASONING_TAGS)
        return;
    output->think = arena_alloc(arena, sizeof *output->think);
    think_open(output->think, OUTPUT_HELD_MAX);
    arena_defer(arena, release_think, output->think);
}

static bool fail_too_large(struct failure *why)
{
    return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held");
}

static void release(void *thing)
{
    struct output_item *item = thing;
    buffer_free(&item->text);
    buffer_free(&item->logprobs);
    buffer_free(&item->call_id);
    buffer_free(&item->name);
}

static struct output_item *create(struct output *output, enum output_kind kind)
{
    static const char *const prefixes[] = {"msg", "msg", "rs", "fc"};
    if (output->count == OUTPUT_ITEMS_MAX)
        return NULL;
    struct output_item *item = arena_alloc(output->arena, sizeof *item);
    char name[2 * RANDOM_NAME_BYTES + 1];
    digest_random_name(name);
    snprintf(item->id, sizeof item->id, "%s_%s", prefixes[kind], name);
    item->kind = kind;
    item->index = output->count;
    buffer_init(&item->text, OUTPUT_HELD_MAX);
    buffer_init(&item->logprobs, OUTPUT_HELD_MAX);
    buffer_init(&item->call_id, OUTPUT_HELD_MAX);
    buffer_init(&item->name, OUTPUT_HELD_MAX);
    arena_defer(output->arena, release, item);
    output->items[output->count++] = item;
    return item;
}

static void report_added(struct output *output, struct output_item *item)
{
    if (!item->added && output->events)
        output->events->added(output->listener, item);
    item->added = true;
}

static void report_done(struct output *output, struct output_item *item, enum output_status status)
{
    report_added(output, item);
    item->status = status;
    if (output->events)
        output->events->done(output->listener, item);
}

/* Appends within the limit that all texts of an answer share. */
static bool append_limited(struct output *output, struct buffer *buffer, const char *bytes, size_t length,
                           struct failure *why)
{
    if (length > OUTPUT_HELD_MAX - output->held || !buffer_append(buffer, bytes, length))
        return fail_too_large(why);
    output->held += length;
    return true;
}

static bool grow(struct output *output, struct output_item *item, struct json_value inside,
                 struct json_value logprobs, struct failure *why)
{
    if (!append_limited(output, &item->text, inside.at, inside.length, why))
        return false;
    if (logprobs.length && (!append_limited(output, &item->logprobs, ",", item->logprobs.length > 0, why) ||
                            !append_limited(output, &item->logprobs, logprobs.at, logprobs.length, why)))
        return false;
    report_added(output, item);
    if (output->events)
        output->events->grown(output->listener, item, inside, logprobs);
    return true;
}

/* ---- text, refusal, reasoning ---- */

static void close_open(struct output *output, enum output_status status)
{
    if (output->open)
        report_done(output, output->open, status);
    output->open = NULL;
}

static struct json_value inside_of(struct json_value text)
{
    return (struct json_value){text.at + 1, text.length - 2};
}

static bool add_inside(struct output *output, enum output_kind kind, struct json_value inside,
                       struct json_value logprobs, struct failure *why)
{
    if (output->open && output->open->kind != kind)
        close_open(output, OUTPUT_COMPLETED);
    if (!output->open)
        output->open = create(output, kind);
    return output->open ? grow(output, output->open, inside, logprobs, why) : fail_too_large(why);
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
    return (think_feed(output->think, inside_of(text)) || fail_too_large(why)) &&
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

/* ---- calls ---- */

enum { CALL_INDEX, CALL_ID, CALL_FUNCTION, CALL_NAME, CALL_ARGUMENTS, CALL_MEMBERS };

static bool same_inside(const struct buffer *inside, struct json_value string)
{
    return inside->length == string.length - 2 && memcmp(inside->bytes, string.at + 1, inside->length) == 0;
}

/* Some providers give every call the same index; a new id together with a name begins another call. */
static bool is_other(const struct output_item *item, const struct json_value *call)
{
    return item->call_id.length && is_filled(call[CALL_ID]) && is_filled(call[CALL_NAME]) &&
           !same_inside(&item->call_id, call[CALL_ID]);
}

static struct output_item *find_call(struct output *output, int64_t index)
{
    for (size_t i = output->count; i-- > 0;)
        if (output->items[i]->kind == OUTPUT_CALL && output->items[i]->chat_index == index)
            return output->items[i];
    return NULL;
}

/* The calls of a complete message have no index. In that case the position in the list is the index. */
static struct output_item *call_for(struct output *output, const struct json_value *call, int64_t position)
{
    int64_t index = position;
    if (!json_integer(call[CALL_INDEX], &index))
        index = position;
    struct output_item *item = find_call(output, index);
    if (item && !is_other(item, call))
        return item;
    close_open(output, OUTPUT_COMPLETED);
    item = create(output, OUTPUT_CALL);
    if (item)
        item->chat_index = index;
    return item;
}

static bool take_once(struct output *output, struct buffer *field, struct json_value value,
                      struct failure *why)
{
    if (field->length || !is_filled(value))
        return true;
    return append_limited(output, field, value.at + 1, value.length - 2, why);
}

/* Arguments are a string; some self-hosted servers send the object itself. */
static bool grow_arguments(struct output *output, struct output_item *item, struct json_value arguments,
                           struct failure *why)
{
    if (is_filled(arguments))
        return grow(output, item, inside_of(arguments), nothing, why);
    if (json_kind(arguments) != JSON_OBJECT)
        return true;
    struct buffer quoted;
    buffer_init(&quoted, OUTPUT_HELD_MAX);
    bool good = json_quote(&quoted, arguments.at, arguments.length) || fail_too_large(why);
    struct json_value text = {quoted.bytes, quoted.length};
    good = good && grow(output, item, inside_of(text), nothing, why);
    buffer_free(&quoted);
    return good;
}

static bool take_call(struct output *output, struct json_value value, int64_t position, struct failure *why)
{
    static const char *const names[] = {"index", "id", "function"}, *const inner[] = {"name", "arguments"};
    struct json_value call[CALL_MEMBERS] = {{0}};
    json_pick(value, names, COUNT(names), call);
    json_pick(call[CALL_FUNCTION], inner, COUNT(inner), call + CALL_NAME);
    struct output_item *item = call_for(output, call, position);
    if (!item)
        return fail_too_large(why);
    if (!take_once(output, &item->call_id, call[CALL_ID], why) ||
        !take_once(output, &item->name, call[CALL_NAME], why))
        return false;
    if (!item->call_id.length && item->name.length &&
        !append_limited(output, &item->call_id, item->id, strlen(item->id), why))
        return false; /* a call needs an id to be answered */
    if (item->name.length)
        report_added(output, item);
    return grow_arguments(output, item, call[CALL_ARGUMENTS], why);
}

static bool take_calls(struct output *output, struct json_value calls, struct failure *why)
{
    struct json_value rest = json_elements(calls), call;
    for (int64_t position = 0; json_next_element(&rest, &call); position++)
        if (!take_call(output, call, position, why))
            return false;
    return true;
}

/* ---- messages and choices ---- */

static bool take_message(struct output *output, struct json_value message, struct json_value logprobs,
                         struct failure *why)
{
    enum { CONTENT, REFUSAL, REASONING_CONTENT, REASONING, TOOL_CALLS, MEMBERS };
    static const char *const names[MEMBERS] = {"content", "refusal", "reasoning_content", "reasoning",
                                               "tool_calls"};
    struct json_value members[MEMBERS] = {{0}};
    json_pick(message, names, MEMBERS, members);
    /* some providers send both members */
    struct json_value reasoning = is_filled(members[REASONING_CONTENT]) ? members[REASONING_CONTENT]
                                                                        : members[REASONING];
    return add_text(output, OUTPUT_REASONING, reasoning, nothing, why) &&
           add_content(output, members[CONTENT], logprobs, why) && add_parts(output, members[CONTENT], why) &&
           add_text(output, OUTPUT_REFUSAL, members[REFUSAL], nothing, why) &&
           take_calls(output, members[TOOL_CALLS], why);
}

static void take_finish(struct output *output, struct json_value reason)
{
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
    return take_message(output, json_kind(members[DELTA]) == JSON_OBJECT ? members[DELTA] : members[MESSAGE],
                        logprobs, why);
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
    if (!item->text.length && status == OUTPUT_COMPLETED && !grow(output, item, none, nothing, why))
        return false;
    report_done(output, item, status);
    return true;
}

bool output_finish(struct output *output, struct failure *why)
{
    enum output_status last = output->incomplete ? OUTPUT_INCOMPLETE : OUTPUT_COMPLETED;
    if (!add_tagged(output, true, why))
        return false;
    if (!output->count) {
        output->open = create(output, OUTPUT_TEXT);
        report_added(output, output->open);
    }
    for (size_t i = 0; i < output->count; i++) {
        struct output_item *item = output->items[i];
        enum output_status status = i + 1 == output->count ? last : OUTPUT_COMPLETED;
        if (item->kind == OUTPUT_CALL && !finish_call(output, item, status, why))
            return false;
        if (item == output->open)
            close_open(output, status);
    }
    return true;
}
