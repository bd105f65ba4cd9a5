/* The answer of a model in no dialect: its texts, its reasoning and its calls, in the order of their arrival.
 *
 * Text, refusal and reasoning each make an item that stays open until content of another kind comes. Calls
 * stay open to the end, because their pieces may alternate. */
#include "protocol/answer.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/failure.h"
#include "format/json_write.h"
#include "protocol/answer_items.h"
#include "protocol/json_pieces.h"

#define WORD_MAX 512

static const struct json_value nothing = {0};

void answer_open(struct answer *answer, struct arena *arena, const struct tool *tools,
                 const struct answer_events *events, void *listener)
{
    *answer = (struct answer){.arena = arena, .events = events, .listener = listener, .tools = tools};
}

void answer_learn(struct answer *answer, struct json_value *known, struct json_value value)
{
    if (is_filled(value) && value.length <= WORD_MAX)
        *known = (struct json_value){arena_copy(answer->arena, value.at, value.length), value.length};
}

/* ---- items ---- */

bool answer_fail_too_large(struct failure *why)
{
    return fail(why, FAILURE_BAD_RESPONSE, "the provider's answer is larger than can be held");
}

static void release(void *thing)
{
    struct answer_item *item = thing;
    buffer_free(&item->text);
    buffer_free(&item->logprobs);
    buffer_free(&item->signature);
    buffer_free(&item->call_id);
    buffer_free(&item->name);
    buffer_free(&item->provider_id);
}

struct answer_item *answer_create(struct answer *answer, enum answer_kind kind)
{
    static const char *const prefixes[] = {"msg", "msg", "rs", "fc", "rs"};
    if (answer->created == ANSWER_ITEMS_MAX)
        return NULL;
    answer->created++;
    struct answer_item *item = arena_alloc(answer->arena, sizeof *item);
    char name[2 * RANDOM_NAME_BYTES + 1];
    digest_random_name(name);
    snprintf(item->id, sizeof item->id, "%s_%s", prefixes[kind], name);
    item->kind = kind;
    buffer_init(&item->text, ANSWER_HELD_MAX);
    buffer_init(&item->logprobs, ANSWER_HELD_MAX);
    buffer_init(&item->signature, ANSWER_HELD_MAX);
    buffer_init(&item->call_id, ANSWER_HELD_MAX);
    buffer_init(&item->name, ANSWER_HELD_MAX);
    buffer_init(&item->provider_id, ANSWER_HELD_MAX);
    arena_defer(answer->arena, release, item);
    return item;
}

/* The text that was held back until now is one delta. */
void answer_report(struct answer *answer, struct answer_item *item)
{
    struct json_value held = {item->text.bytes, item->text.length};
    if (item->reported)
        return;
    item->reported = true;
    item->index = answer->count;
    answer->items[answer->count++] = item;
    if (answer->events)
        answer->events->added(answer->listener, item);
    if (answer->events && held.length)
        answer->events->grown(answer->listener, item, held, nothing);
}

void answer_report_done(struct answer *answer, struct answer_item *item, enum answer_status status)
{
    answer_report(answer, item);
    item->status = status;
    if (answer->events)
        answer->events->done(answer->listener, item);
}

bool answer_append(struct answer *answer, struct buffer *buffer, const char *bytes, size_t length,
                   struct failure *why)
{
    if (length > ANSWER_HELD_MAX - answer->held || !buffer_append(buffer, bytes, length))
        return answer_fail_too_large(why);
    answer->held += length;
    return true;
}

bool answer_grow(struct answer *answer, struct answer_item *item, struct json_value inside,
                 struct json_value logprobs, bool report, struct failure *why)
{
    if (report)
        answer_report(answer, item);
    if (!answer_append(answer, &item->text, inside.at, inside.length, why))
        return false;
    if (logprobs.length && (!answer_append(answer, &item->logprobs, ",", item->logprobs.length > 0, why) ||
                            !answer_append(answer, &item->logprobs, logprobs.at, logprobs.length, why)))
        return false;
    if (report && answer->events)
        answer->events->grown(answer->listener, item, inside, logprobs);
    return true;
}

void answer_close_text(struct answer *answer, enum answer_status status)
{
    if (answer->open)
        answer_report_done(answer, answer->open, status);
    answer->open = NULL;
}

/* ---- content ---- */

/* The calls so far come before the content that begins now. */
static void report_calls(struct answer *answer)
{
    for (size_t i = 0; i < answer->call_count; i++)
        if (answer->calls[i]->name.length && answer->calls[i]->call_id.length)
            answer_report(answer, answer->calls[i]);
}

bool answer_add_inside(struct answer *answer, enum answer_kind kind, struct json_value inside,
                       struct json_value logprobs, struct failure *why)
{
    if (answer->open && answer->open->kind != kind)
        answer_close_text(answer, ANSWER_COMPLETED);
    if (!answer->open) {
        report_calls(answer);
        answer->open = answer_create(answer, kind);
    }
    return answer->open ? answer_grow(answer, answer->open, inside, logprobs, true, why)
                        : answer_fail_too_large(why);
}

bool answer_add(struct answer *answer, enum answer_kind kind, struct json_value text, struct failure *why)
{
    if (!is_filled(text))
        return true;
    return answer_add_inside(answer, kind, (struct json_value){text.at + 1, text.length - 2}, nothing, why);
}

bool answer_sign(struct answer *answer, struct json_value signature, struct failure *why)
{
    if (!is_filled(signature))
        return true;
    if (!answer->open || answer->open->kind != ANSWER_REASONING) {
        answer_close_text(answer, ANSWER_COMPLETED);
        answer->open = answer_create(answer, ANSWER_REASONING);
        if (!answer->open)
            return answer_fail_too_large(why);
        answer_report(answer, answer->open);
    }
    return answer_append(answer, &answer->open->signature, signature.at + 1, signature.length - 2, why);
}

/* ---- arguments ---- */

/* Reads one character of a JSON text that is itself the inside of a JSON string. Returns its length there. */
static size_t decode(const char *at, size_t left, char *plain)
{
    static const char letters[] = "bfnrt", plains[] = "\b\f\n\r\t";
    *plain = *at;
    if (*at != '\\' || left < 2)
        return 1;
    const char *found = strchr(letters, at[1]);
    *plain = found && *found ? plains[found - letters] : at[1];
    if (at[1] != 'u' || left < 6)
        return 2;
    *plain = strncmp(at + 2, "0022", 4) == 0 ? '"' : memcmp(at + 2, "005", 3) == 0 ? '\\' : 'u';
    return 6;
}

static void scan_within(struct arguments_scan *scan, char plain)
{
    if (scan->escaped) {
        scan->escaped = false;
    } else if (scan->quoted) {
        scan->escaped = plain == '\\';
        scan->quoted = plain != '"';
    } else {
        scan->quoted = plain == '"';
        scan->depth += plain == '{' || plain == '[';
        scan->depth -= plain == '}' || plain == ']';
    }
    scan->ended = !scan->depth && !scan->quoted;
}

size_t answer_scan_arguments(struct arguments_scan *scan, struct json_value inside)
{
    size_t at = 0;
    while (at < inside.length) {
        char plain;
        size_t length = decode(inside.at + at, inside.length - at, &plain);
        bool blank = plain == ' ' || (plain >= '\t' && plain <= '\r');
        if (scan->ended && !blank && (plain == '{' || plain == '['))
            break;
        scan->plain = scan->plain || (!scan->depth && !blank && plain != '{' && plain != '[') || scan->ended;
        if (!scan->plain && (!blank || scan->depth))
            scan_within(scan, plain);
        at += length;
    }
    return at;
}

/* ---- calls ---- */

struct answer_item *answer_begin_call(struct answer *answer, struct json_value id, struct json_value name,
                                      struct json_value signature, struct failure *why)
{
    answer_close_text(answer, ANSWER_COMPLETED);
    struct answer_item *call = answer_create(answer, ANSWER_CALL);
    if (!call) {
        answer_fail_too_large(why);
        return NULL;
    }
    bool own = !is_filled(id);
    const char *known = own ? call->id : id.at + 1;
    size_t length = own ? strlen(call->id) : id.length - 2;
    answer->calls[answer->call_count++] = call;
    if (!answer_append(answer, &call->call_id, known, length, why) ||
        (is_filled(name) && !answer_append(answer, &call->name, name.at + 1, name.length - 2, why)) ||
        (is_filled(signature) &&
         !answer_append(answer, &call->signature, signature.at + 1, signature.length - 2, why)))
        return NULL;
    answer_report(answer, call);
    return call;
}

bool answer_add_arguments(struct answer *answer, struct answer_item *call, struct json_value inside,
                          struct failure *why)
{
    if (!inside.length)
        return true;
    answer_scan_arguments(&call->scan, inside);
    return answer_grow(answer, call, inside, nothing, true, why);
}

bool answer_add_object(struct answer *answer, struct answer_item *call, struct json_value object,
                       struct failure *why)
{
    struct buffer quoted;
    buffer_init(&quoted, ANSWER_HELD_MAX);
    bool good = json_quote(&quoted, object.at, object.length) || answer_fail_too_large(why);
    good = good &&
           answer_add_arguments(answer, call, (struct json_value){quoted.bytes + 1, quoted.length - 2}, why);
    buffer_free(&quoted);
    return good;
}

/* A call without arguments gets an empty object, because an empty text is not JSON. */
static bool finish_call(struct answer *answer, struct answer_item *item, enum answer_status status,
                        struct failure *why)
{
    static const struct json_value none = {"{}", 2};
    if (!item->text.length && status == ANSWER_COMPLETED &&
        !answer_grow(answer, item, none, nothing, true, why))
        return false;
    answer_report_done(answer, item, status);
    return true;
}

/* ---- the end ---- */

const char *answer_incomplete(const struct answer *answer)
{
    return answer->stop == STOP_LENGTH   ? "max_output_tokens"
           : answer->stop == STOP_FILTER ? "content_filter"
                                         : NULL;
}

bool answer_finish(struct answer *answer, struct failure *why)
{
    enum answer_status last = answer_incomplete(answer) ? ANSWER_INCOMPLETE : ANSWER_COMPLETED;
    if (answer->stop == STOP_FILTER && !answer_add(answer, ANSWER_REFUSAL, answer->explanation, why))
        return false;
    if (!answer->count) {
        answer->open = answer_create(answer, ANSWER_TEXT);
        answer_report(answer, answer->open);
    }
    for (size_t i = 0; i < answer->count; i++) {
        struct answer_item *item = answer->items[i];
        enum answer_status status = i + 1 == answer->count ? last : ANSWER_COMPLETED;
        if (item->kind == ANSWER_CALL && !finish_call(answer, item, status, why))
            return false;
        if (item == answer->open)
            answer_close_text(answer, status);
    }
    return true;
}
