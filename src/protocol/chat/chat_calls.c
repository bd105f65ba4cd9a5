/* Tells the calls of a chat apart, and collects their pieces.
 *
 * A delta should have the index of its call, and the first delta of a call its id and name (API reference,
 * "The chat completion chunk object"). Many servers give all calls the index 0 or none, no id or the same
 * one, repeat the name, send it in pieces or after the arguments. A piece belongs to another call than the
 * last piece of its index if it brings another id and a name, another function's name, or more after a whole
 * value of arguments. The names of the request's tools tell the piece of a name from a name.
 *
 * A call is reported once its name is complete: with its arguments, with other content, or at the end. */
#include "protocol/chat/chat_calls.h"

#include <string.h>

#include "base/failure.h"
#include "format/json_number.h"
#include "format/json_write.h"
#include "protocol/answer.h"
#include "protocol/answer_items.h"
#include "protocol/conversation.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define OLDER_API (-1) /* the index of "function_call" */

static const struct json_value nothing = {0};

/* A piece of a call, or a whole call. Strings have their quotes; absent ones are not filled. */
struct piece {
    struct json_value id, name, arguments;
    int64_t index; /* JSON_NO_NUMBER: none */
    bool whole;    /* a call of a message, not of a delta */
    bool alone;    /* no other piece is in the same list */
};

/* ---- names ---- */

static struct json_value inside_of(struct json_value string)
{
    return is_filled(string) ? (struct json_value){string.at + 1, string.length - 2} : nothing;
}

static bool begins_with(struct json_value text, struct json_value beginning)
{
    return text.length >= beginning.length &&
           (!beginning.length || memcmp(text.at, beginning.at, beginning.length) == 0);
}

enum match { MATCH_NONE, MATCH_BEGINNING, MATCH_TOOL };

/* Compares a name with those of the request's tools. */
static enum match match_tool(const struct answer *answer, struct json_value name)
{
    enum match best = MATCH_NONE;
    for (const struct tool *tool = answer->tools; name.length && best != MATCH_TOOL && tool;
         tool = tool->next) {
        struct json_value known = inside_of(tool->name);
        if (known.length && begins_with(known, name))
            best = known.length == name.length ? MATCH_TOOL : MATCH_BEGINNING;
    }
    return best;
}

static struct json_value name_of(const struct answer_item *item)
{
    return (struct json_value){item->name.bytes, item->name.length};
}

/* True if more pieces of the name must follow. */
static bool is_name_open(const struct answer *answer, const struct answer_item *item)
{
    return !item->name.length || match_tool(answer, name_of(item)) == MATCH_BEGINNING;
}

enum meaning { NAME_REPEATED, NAME_CONTINUED, NAME_REPLACED, NAME_OF_ANOTHER };

static enum match match_joined(struct answer *answer, const struct answer_item *item, struct json_value name)
{
    char joined[256];
    struct json_value known = name_of(item);
    if (known.length + name.length > sizeof joined)
        return MATCH_NONE;
    if (known.length)
        memcpy(joined, known.at, known.length);
    if (name.length)
        memcpy(joined + known.length, name.at, name.length);
    return match_tool(answer, (struct json_value){joined, known.length + name.length});
}

/* What a name means that comes after the name, or a part of the name, of a call. */
static enum meaning meaning_of(struct answer *answer, const struct answer_item *item, struct json_value name)
{
    struct json_value known = name_of(item);
    enum match piece = match_tool(answer, name), last = match_tool(answer, known);
    if (known.length == name.length && begins_with(name, known))
        return NAME_REPEATED;
    if (last != MATCH_TOOL && piece == MATCH_TOOL && begins_with(name, known))
        return NAME_REPLACED;
    if (piece != MATCH_TOOL && match_joined(answer, item, name) != MATCH_NONE)
        return NAME_CONTINUED;
    if (piece == MATCH_TOOL || last == MATCH_TOOL || item->text.length)
        return NAME_OF_ANOTHER;
    return NAME_CONTINUED;
}

/* ---- which call ---- */

static struct answer_item *last_call(const struct answer *answer)
{
    return answer->call_count ? answer->calls[answer->call_count - 1] : NULL;
}

static bool has_id(const struct answer_item *item, struct json_value id)
{
    return item->provider_id.length == id.length &&
           begins_with(id, (struct json_value){item->provider_id.bytes, item->provider_id.length});
}

/* Returns the last call with that index and, if `id` is filled, that id. */
static struct answer_item *find_call(const struct answer *answer, int64_t index, struct json_value id)
{
    for (size_t i = answer->call_count; i-- > 0;) {
        struct answer_item *item = answer->calls[i];
        if ((index == JSON_NO_NUMBER || item->chat_index == index) && (!id.length || has_id(item, id)))
            return item;
    }
    return NULL;
}

/* Without an index, an id names the call; without both, the piece continues the last call. */
static struct answer_item *find_candidate(const struct answer *answer, const struct piece *piece,
                                          int64_t position)
{
    struct json_value id = inside_of(piece->id);
    if (piece->whole)
        return NULL;
    struct answer_item *same = id.length ? find_call(answer, piece->index, id) : NULL;
    if (same)
        return same;
    if (piece->index != JSON_NO_NUMBER)
        return find_call(answer, piece->index, nothing);
    if (id.length && is_filled(piece->name))
        return NULL;
    return piece->alone ? last_call(answer) : find_call(answer, position, nothing);
}

static bool begins_another(struct answer *answer, const struct answer_item *item, const struct piece *piece)
{
    struct json_value id = inside_of(piece->id), name = inside_of(piece->name);
    if (!name.length)
        return false;
    if (item->list == answer->lists)
        return true; /* two calls with one index in one list */
    if (id.length && item->provider_id.length && !has_id(item, id))
        return true;
    return item->name.length && meaning_of(answer, item, name) == NAME_OF_ANOTHER;
}

static struct answer_item *create_call(struct answer *answer, const struct piece *piece)
{
    calls_report(answer);
    answer_close_text(answer, ANSWER_COMPLETED);
    struct answer_item *item = answer_create(answer, ANSWER_CALL);
    if (!item)
        return NULL;
    item->chat_index = piece->index == JSON_NO_NUMBER ? (int64_t)answer->call_count : piece->index;
    answer->calls[answer->call_count++] = item;
    return item;
}

/* ---- pieces ---- */

static bool take_name(struct answer *answer, struct answer_item *item, struct json_value name,
                      struct failure *why)
{
    if (!name.length || item->reported)
        return true;
    enum meaning meaning = item->name.length ? meaning_of(answer, item, name) : NAME_CONTINUED;
    if (meaning == NAME_REPEATED)
        return true;
    if (meaning == NAME_REPLACED)
        buffer_consume(&item->name, item->name.length);
    return answer_append(answer, &item->name, name.at, name.length, why);
}

/* Each call needs an id of its own, by which the client answers it. */
static bool settle_id(struct answer *answer, struct answer_item *item, struct failure *why)
{
    struct json_value id = {item->provider_id.bytes, item->provider_id.length};
    for (size_t i = 0; id.length && i < answer->call_count; i++) {
        const struct buffer *other = &answer->calls[i]->call_id;
        if (other->length == id.length && memcmp(other->bytes, id.at, id.length) == 0)
            id = nothing;
    }
    if (!id.length)
        id = (struct json_value){item->id, strlen(item->id)};
    return item->call_id.length || answer_append(answer, &item->call_id, id.at, id.length, why);
}

static bool report_call(struct answer *answer, struct answer_item *item, struct failure *why)
{
    if (item->reported)
        return true;
    if (!settle_id(answer, item, why))
        return false;
    answer_report(answer, item);
    return true;
}

void calls_report(struct answer *answer)
{
    struct failure ignored; /* a call that does not fit fails at the end of the answer */
    for (size_t i = 0; i < answer->call_count; i++)
        if (!is_name_open(answer, answer->calls[i]))
            (void)!report_call(answer, answer->calls[i], &ignored);
}

/* Some gateways send "{}" before the pieces of the real arguments, so it is reported with what follows. */
static bool is_placeholder(const struct answer_item *item)
{
    return !item->text.length || (item->text.length == 2 && memcmp(item->text.bytes, "{}", 2) == 0);
}

static bool take_value(struct answer *answer, struct answer_item *item, struct json_value inside,
                       struct failure *why)
{
    if (!inside.length)
        return true;
    if (item->reported)
        return answer_grow(answer, item, inside, nothing, true, why);
    if (!answer_grow(answer, item, inside, nothing, false, why))
        return false;
    return is_name_open(answer, item) || is_placeholder(item) || report_call(answer, item, why);
}

/* Begins a call of the same function, because a value of arguments follows a whole one. */
static struct answer_item *repeat_call(struct answer *answer, const struct answer_item *last,
                                       struct failure *why)
{
    struct piece piece = {.index = last->chat_index};
    struct answer_item *item = create_call(answer, &piece);
    if (!item) {
        answer_fail_too_large(why);
        return NULL;
    }
    item->list = last->list;
    return answer_append(answer, &item->name, last->name.bytes, last->name.length, why) ? item : NULL;
}

static bool take_arguments(struct answer *answer, struct answer_item *item, struct json_value inside,
                           bool bare, struct failure *why)
{
    while (inside.length) {
        size_t length = answer_scan_arguments(&item->scan, inside);
        if (!take_value(answer, item, (struct json_value){inside.at, length}, why))
            return false;
        inside = (struct json_value){inside.at + length, inside.length - length};
        if (!inside.length)
            break;
        if (bare && !item->reported && is_placeholder(item)) {
            item->text.length = 0;
            item->scan = (struct arguments_scan){0};
        } else if (!(item = repeat_call(answer, item, why))) {
            return false;
        }
    }
    return true;
}

/* Arguments are a string; some self-hosted servers send the object itself. */
static bool read_arguments(struct answer *answer, struct answer_item *item, const struct piece *piece,
                           struct failure *why)
{
    struct json_value arguments = piece->arguments;
    bool bare = !is_filled(piece->id) && !is_filled(piece->name);
    if (json_kind(arguments) != JSON_OBJECT)
        return take_arguments(answer, item, inside_of(arguments), bare, why);
    struct buffer quoted;
    buffer_init(&quoted, ANSWER_HELD_MAX);
    bool good = json_quote(&quoted, arguments.at, arguments.length) || answer_fail_too_large(why);
    struct json_value text = {quoted.bytes, quoted.length};
    good = good && take_arguments(answer, item, inside_of(text), bare, why);
    buffer_free(&quoted);
    return good;
}

static bool take_piece(struct answer *answer, const struct piece *piece, int64_t position,
                       struct failure *why)
{
    struct answer_item *item = find_candidate(answer, piece, position);
    if (!item || begins_another(answer, item, piece))
        item = create_call(answer, piece);
    if (!item)
        return answer_fail_too_large(why);
    struct json_value id = inside_of(piece->id), name = inside_of(piece->name);
    item->list = name.length ? answer->lists : item->list;
    bool takes_id = id.length && !item->provider_id.length;
    return (!takes_id || answer_append(answer, &item->provider_id, id.at, id.length, why)) &&
           take_name(answer, item, name, why) && read_arguments(answer, item, piece, why) &&
           (!piece->whole || !item->name.length || report_call(answer, item, why));
}

static struct piece read_piece(struct json_value call)
{
    enum { INDEX, ID, FUNCTION, MEMBERS };
    static const char *const names[MEMBERS] = {"index", "id", "function"};
    struct json_value members[MEMBERS] = {{0}};
    json_pick(call, names, MEMBERS, members);
    return (struct piece){
        .id = members[ID],
        .name = json_get(members[FUNCTION], "name"),
        .arguments = json_get(members[FUNCTION], "arguments"),
        .index = json_largest_number(members[INDEX]),
    };
}

bool calls_take(struct answer *answer, struct json_value calls, bool message, struct failure *why)
{
    struct json_value rest = json_elements(calls), call, others;
    answer->lists++;
    for (int64_t position = 0; json_next_element(&rest, &call); position++) {
        struct piece piece = read_piece(call);
        others = rest;
        piece.whole = message;
        piece.alone = position == 0 && !json_next_element(&others, &call);
        if (!take_piece(answer, &piece, position, why))
            return false;
    }
    return true;
}

bool calls_take_function(struct answer *answer, struct json_value call, struct failure *why)
{
    struct piece piece = {.index = OLDER_API,
                          .name = json_get(call, "name"),
                          .arguments = json_get(call, "arguments"),
                          .alone = true};
    answer->lists++;
    return json_kind(call) != JSON_OBJECT || take_piece(answer, &piece, 0, why);
}

/* ---- the end ---- */

/* If the request has only one tool, a call without a name can only be of this tool. */
static bool name_call(struct answer *answer, struct answer_item *item, struct failure *why)
{
    const struct tool *only = answer->tools && !answer->tools->next ? answer->tools : NULL;
    if (item->name.length)
        return true;
    struct json_value name = only ? inside_of(only->name) : nothing;
    if (!name.length)
        return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer calls a function without a name");
    return answer_append(answer, &item->name, name.at, name.length, why);
}

bool calls_finish(struct answer *answer, struct failure *why)
{
    for (size_t i = 0; i < answer->call_count; i++) {
        struct answer_item *item = answer->calls[i];
        bool empty = !item->name.length && !item->text.length;
        if (!empty && !(name_call(answer, item, why) && report_call(answer, item, why)))
            return false;
    }
    return true;
}
