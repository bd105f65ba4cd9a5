/* What a model says in a chat, gathered into the items of a response: whole messages and deltas alike.
 *
 * A delta is a message that is not whole yet, so one way serves both. Text, refusal and reasoning each make
 * an item that goes on until something of another kind comes. Calls go by the provider's index and stay open
 * to the end, for their deltas may come in turns. */
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

static bool refuse_more(struct failure *why)
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

static void tell_added(struct output *output, struct output_item *item)
{
    if (!item->added && output->events)
        output->events->added(output->listener, item);
    item->added = true;
}

static void tell_done(struct output *output, struct output_item *item, enum output_status status)
{
    tell_added(output, item);
    item->status = status;
    if (output->events)
        output->events->done(output->listener, item);
}

/* All that an answer holds counts together. */
static bool hold(struct output *output, struct buffer *buffer, const char *bytes, size_t length,
                 struct failure *why)
{
    if (length > OUTPUT_HELD_MAX - output->held || !buffer_append(buffer, bytes, length))
        return refuse_more(why);
    output->held += length;
    return true;
}

static bool grow(struct output *output, struct output_item *item, struct json_value inside,
                 struct json_value logprobs, struct failure *why)
{
    if (!hold(output, &item->text, inside.at, inside.length, why))
        return false;
    if (logprobs.length && (!hold(output, &item->logprobs, ",", item->logprobs.length > 0, why) ||
                            !hold(output, &item->logprobs, logprobs.at, logprobs.length, why)))
        return false;
    tell_added(output, item);
    if (output->events)
        output->events->grown(output->listener, item, inside, logprobs);
    return true;
}

/* ---- text, refusal, reasoning ---- */

static void close_open(struct output *output, enum output_status status)
{
    if (output->open)
        tell_done(output, output->open, status);
    output->open = NULL;
}

static struct json_value inside_of(struct json_value text)
{
    return (struct json_value){text.at + 1, text.length - 2};
}

static bool say_inside(struct output *output, enum output_kind kind, struct json_value inside,
                       struct json_value logprobs, struct failure *why)
{
    if (output->open && output->open->kind != kind)
        close_open(output, OUTPUT_COMPLETED);
    if (!output->open)
        output->open = create(output, kind);
    return output->open ? grow(output, output->open, inside, logprobs, why) : refuse_more(why);
}

static bool say(struct output *output, enum output_kind kind, struct json_value text,
                struct json_value logprobs, struct failure *why)
{
    return !is_filled(text) || say_inside(output, kind, inside_of(text), logprobs, why);
}

static bool say_thoughts(struct output *output, bool last, struct failure *why)
{
    struct json_value piece;
    bool thought;
    while (output->think && think_next(output->think, last, &piece, &thought))
        if (!say_inside(output, thought ? OUTPUT_REASONING : OUTPUT_TEXT, piece, nothing, why))
            return false;
    return true;
}

/* A model's text may have its reasoning in it. */
static bool say_text(struct output *output, struct json_value text, struct json_value logprobs,
                     struct failure *why)
{
    if (!output->think || !is_filled(text))
        return say(output, OUTPUT_TEXT, text, logprobs, why);
    return (think_feed(output->think, inside_of(text)) || refuse_more(why)) &&
           say_thoughts(output, false, why);
}

/* Content in parts (Mistral's models that think): {"type":"thinking","thinking":[texts]} beside the text. */
static bool say_parts(struct output *output, struct json_value content, struct failure *why)
{
    struct json_value rest = json_elements(content), part;
    while (json_next_element(&rest, &part)) {
        struct json_value thoughts = json_elements(json_get(part, "thinking")), thought;
        if (!say(output, OUTPUT_TEXT, json_get(part, "text"), nothing, why))
            return false;
        while (json_next_element(&thoughts, &thought))
            if (!say(output, OUTPUT_REASONING, json_get(thought, "text"), nothing, why))
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

/* Some providers give every call the same index: another id with another name is another call. */
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

/* A whole message's calls have no index: there, and where a provider leaves it out, the place in the list
 * counts. */
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

static bool take_word(struct output *output, struct buffer *word, struct json_value value,
                      struct failure *why)
{
    if (word->length || !is_filled(value))
        return true;
    return hold(output, word, value.at + 1, value.length - 2, why);
}

/* Arguments are a string; an object in its place (some servers of one's own) is what that string would say.
 */
static bool grow_arguments(struct output *output, struct output_item *item, struct json_value arguments,
                           struct failure *why)
{
    if (is_filled(arguments))
        return grow(output, item, inside_of(arguments), nothing, why);
    if (json_kind(arguments) != JSON_OBJECT)
        return true;
    struct buffer quoted;
    buffer_init(&quoted, OUTPUT_HELD_MAX);
    bool good = json_quote(&quoted, arguments.at, arguments.length) || refuse_more(why);
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
        return refuse_more(why);
    if (!take_word(output, &item->call_id, call[CALL_ID], why) ||
        !take_word(output, &item->name, call[CALL_NAME], why))
        return false;
    if (!item->call_id.length && item->name.length &&
        !hold(output, &item->call_id, item->id, strlen(item->id), why))
        return false; /* a call without an id could not be answered */
    if (item->name.length)
        tell_added(output, item);
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

/* ---- the whole ---- */

static bool take_message(struct output *output, struct json_value message, struct json_value logprobs,
                         struct failure *why)
{
    enum { CONTENT, REFUSAL, REASONING_CONTENT, REASONING, TOOL_CALLS, MEMBERS };
    static const char *const names[MEMBERS] = {"content", "refusal", "reasoning_content", "reasoning",
                                               "tool_calls"};
    struct json_value given[MEMBERS] = {{0}};
    json_pick(message, names, MEMBERS, given);
    /* some say the same under both names */
    struct json_value thought = is_filled(given[REASONING_CONTENT]) ? given[REASONING_CONTENT]
                                                                    : given[REASONING];
    return say(output, OUTPUT_REASONING, thought, nothing, why) &&
           say_text(output, given[CONTENT], logprobs, why) && say_parts(output, given[CONTENT], why) &&
           say(output, OUTPUT_REFUSAL, given[REFUSAL], nothing, why) &&
           take_calls(output, given[TOOL_CALLS], why);
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
    struct json_value given[MEMBERS] = {{0}};
    int64_t index = 0;
    json_pick(choice, names, MEMBERS, given);
    if (json_integer(given[INDEX], &index) && index != 0)
        return true;
    take_finish(output, given[FINISH_REASON]);
    struct json_value logprobs = json_elements(json_get(given[LOGPROBS], "content"));
    return take_message(output, json_kind(given[DELTA]) == JSON_OBJECT ? given[DELTA] : given[MESSAGE],
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

/* A call without arguments has an object without members: an empty text could not be parsed. */
static bool finish_call(struct output *output, struct output_item *item, enum output_status status,
                        struct failure *why)
{
    static const struct json_value none = {"{}", 2};
    if (!item->text.length && status == OUTPUT_COMPLETED && !grow(output, item, none, nothing, why))
        return false;
    tell_done(output, item, status);
    return true;
}

bool output_finish(struct output *output, struct failure *why)
{
    enum output_status last = output->incomplete ? OUTPUT_INCOMPLETE : OUTPUT_COMPLETED;
    if (!say_thoughts(output, true, why))
        return false;
    if (!output->count) {
        output->open = create(output, OUTPUT_TEXT);
        tell_added(output, output->open);
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
