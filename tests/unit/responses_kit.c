/* Reads a response's stream as a client does, and checks that its events are consistent. */
#include "responses_kit.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "format/sse.h"
#include "protocol/conversation_build.h"
#include "protocol/dialect_sides.h"
#include "protocol/provider_facts.h"

#define STREAM_MAX (64 * 1024 * 1024)
#define ITEMS_MAX 600

static const char *string_of(const struct heard *heard, struct json_value object, const char *name)
{
    const char *text = json_string(heard->arena, json_get(object, name), NULL);
    return text ? text : "";
}

static void take(struct heard *heard, const struct sse_event *event)
{
    struct json_value root;
    struct json_fault fault;
    int64_t number = -1;
    if (!event->data || heard->count == HEARD_MAX) {
        heard->fault = event->data ? "too many events" : "an event without data";
        return;
    }
    struct json_value text = {arena_copy(heard->arena, event->data, event->data_length), event->data_length};
    if (!json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault)) {
        heard->fault = "an event is not JSON";
        return;
    }
    const char *type = string_of(heard, root, "type");
    if (strcmp(type, event->name) != 0)
        heard->fault = "an event's name is not its type";
    if (!json_integer(json_get(root, "sequence_number"), &number) || number != (int64_t)heard->count)
        heard->fault = "a sequence number is out of order";
    heard->events[heard->count++] = (struct heard_event){type, root};
}

void heard_read(struct heard *heard, struct arena *arena, const char *bytes, size_t length)
{
    struct sse_parser parser;
    struct sse_event event;
    *heard = (struct heard){.arena = arena};
    sse_open(&parser, STREAM_MAX);
    if (!sse_feed(&parser, bytes, length))
        heard->fault = "an event is too large";
    while (!heard->fault && sse_next(&parser, &event))
        take(heard, &event);
    if (!heard->fault && sse_last(&parser, &event))
        heard->fault = "part of an event at the end";
    sse_close(&parser);
}

/* ---- one item after the other ---- */

enum phase { ABSENT, ADDED, PART, DELTAS, TEXT_DONE, PART_DONE, DONE };

struct watched {
    enum phase phase;
    bool parts; /* calls have none */
    const char *id;
    char *said; /* the content of all deltas */
    struct json_value text, item;
};

static const struct step {
    const char *suffix;
    enum phase from, or_from, to;
} steps[] = {
    {"output_item.added", ABSENT, ABSENT, ADDED},
    {"part.added", ADDED, ADDED, PART},
    {".delta", PART, DELTAS, DELTAS},
    {"part.done", TEXT_DONE, TEXT_DONE, PART_DONE},
    {"output_item.done", PART_DONE, PART_DONE, DONE},
    {".done", DELTAS, PART, TEXT_DONE}, /* the text's: the last that fits */
};

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* A call's events: "added", deltas, the done text, the done item. */
static enum phase phase_seen(const struct watched *item)
{
    if (item->parts || (item->phase != ADDED && item->phase != TEXT_DONE))
        return item->phase;
    return item->phase == ADDED ? PART : PART_DONE;
}

static bool same(struct json_value one, struct json_value other)
{
    return one.at && other.at && one.length == other.length && memcmp(one.at, other.at, one.length) == 0;
}

static void say(struct watched *item, struct json_value delta)
{
    size_t before = item->said ? strlen(item->said) : 0;
    item->said = realloc(item->said, before + delta.length);
    snprintf(item->said + before, delta.length - 1, "%.*s", (int)delta.length - 2, delta.at + 1);
}

static struct json_value text_in(struct json_value object)
{
    static const char *const names[] = {"text", "refusal", "arguments"};
    struct json_value found = {0};
    for (size_t i = 0; i < 3 && !found.at; i++)
        found = json_get(object, names[i]);
    return found;
}

static struct json_value text_of_item(struct json_value item)
{
    struct json_value parts = json_get(item, "content"), part, text = json_get(item, "arguments");
    if (!parts.at)
        parts = json_get(item, "summary");
    struct json_value rest = json_elements(parts);
    return json_next_element(&rest, &part) ? text_in(part) : text;
}

static const char *note(const struct heard *heard, struct watched *item, enum phase to,
                        struct json_value data)
{
    const char *said = item->said ? item->said : "";
    switch (to) {
    case ADDED:
        item->id = string_of(heard, json_get(data, "item"), "id");
        item->parts = strcmp(string_of(heard, json_get(data, "item"), "type"), "function_call") != 0;
        return strcmp(string_of(heard, json_get(data, "item"), "status"), "in_progress") == 0
                   ? NULL
                   : "an item that was just added is not in progress";
    case DELTAS:
        say(item, json_get(data, "delta"));
        return NULL;
    case TEXT_DONE:
        item->text = text_in(data);
        return item->text.length - 2 == strlen(said) && memcmp(item->text.at + 1, said, strlen(said)) == 0
                   ? NULL
                   : "the deltas do not add up to the text";
    case PART_DONE:
        return same(item->text, text_in(json_get(data, "part"))) ? NULL : "a done part has another text";
    case DONE:
        item->item = json_get(data, "item");
        return same(item->text, text_of_item(item->item)) ? NULL : "a done item has another text";
    default:
        return NULL;
    }
}

static const char *follow(const struct heard *heard, struct watched *items, const struct heard_event *event)
{
    int64_t index = -1;
    const struct step *step = steps;
    const struct step *last = steps + sizeof steps / sizeof *steps - 1;
    if (!json_integer(json_get(event->data, "output_index"), &index) || index < 0 || index >= ITEMS_MAX)
        return "an event about an item has no output_index";
    while (step < last && !ends_with(event->type, step->suffix))
        step++;
    struct watched *item = &items[index];
    enum phase phase = phase_seen(item);
    if (phase != step->from && phase != step->or_from)
        return arena_format(heard->arena, "%s is out of order", event->type);
    struct json_value id = json_get(event->data, "item_id");
    if (id.at && strcmp(string_of(heard, event->data, "item_id"), item->id) != 0)
        return "an event names another item";
    item->phase = step->to;
    return note(heard, item, step->to, event->data);
}

static const char *check_output(const struct watched *items, struct json_value response)
{
    struct json_value rest = json_elements(json_get(response, "output")), item;
    size_t count = 0;
    for (; json_next_element(&rest, &item); count++)
        if (items[count].phase != DONE || !same(items[count].item, item))
            return "the output is not what the done items are";
    return items[count].phase == ABSENT ? NULL : "an item is missing in the output";
}

static const char *check_items(const struct heard *heard, struct watched *items)
{
    bool failed = ends_with(heard->events[heard->count - 1].type, ".failed");
    for (size_t i = 2; i + 1 < heard->count; i++) {
        const struct heard_event *event = &heard->events[i];
        if (failed && i + 2 == heard->count && strcmp(event->type, "error") == 0)
            continue;
        const char *fault = follow(heard, items, event);
        if (fault)
            return fault;
    }
    return failed ? NULL : check_output(items, heard_response(heard));
}

const char *heard_fault(const struct heard *heard)
{
    struct watched *items = calloc(ITEMS_MAX + 1, sizeof *items);
    const char *fault = heard->fault;
    if (!fault && (heard->count < 3 || strcmp(heard->events[0].type, "response.created") != 0 ||
                   strcmp(heard->events[1].type, "response.in_progress") != 0))
        fault = "the stream does not begin as it has to";
    if (!fault) {
        const char *type = heard->events[heard->count - 1].type,
                   *status = string_of(heard, heard_response(heard), "status");
        if (strncmp(type, "response.", 9) != 0 || strcmp(type + 9, status) != 0)
            fault = "the stream does not end as it has to";
    }
    if (!fault)
        fault = check_items(heard, items);
    for (size_t i = 0; i < ITEMS_MAX; i++)
        free(items[i].said);
    free(items);
    return fault;
}

struct json_value heard_response(const struct heard *heard)
{
    struct json_value none = {0};
    return heard->count ? json_get(heard->events[heard->count - 1].data, "response") : none;
}

const char *heard_types(const struct heard *heard)
{
    char *list = arena_copy(heard->arena, "", 0);
    for (size_t i = 0; i < heard->count; i++) {
        const char *type = heard->events[i].type;
        bool again = i && strcmp(type, heard->events[i - 1].type) == 0;
        bool more = i + 1 < heard->count && strcmp(type, heard->events[i + 1].type) == 0;
        if (!again)
            list = arena_format(heard->arena, "%s%s%s%s", list, *list ? " " : "",
                                strncmp(type, "response.", 9) == 0 ? type + 9 : type, more ? "*" : "");
    }
    return list;
}

/* ---- masks ---- */

static bool is_random(const char *at, size_t left)
{
    if (left < 32)
        return false;
    for (size_t i = 0; i < 32; i++)
        if (!isxdigit((unsigned char)at[i]))
            return false;
    return true;
}

static bool is_time(const char *from, const char *at, size_t left)
{
    return left >= 10 && at - from >= 4 && strncmp(at - 4, "_at\"", 4) != 0 && at[-1] == ':' &&
           strncmp(at - 5, "_at\":", 5) == 0 && isdigit((unsigned char)*at);
}

const char *masked(struct arena *arena, struct json_value value)
{
    const char *from = value.at, *end = value.at + value.length;
    char *text = arena_copy(arena, from, value.length), *to = text;
    for (const char *at = from; at < end;) {
        size_t random = is_random(at, (size_t)(end - at))       ? 32
                        : is_time(from, at, (size_t)(end - at)) ? 10
                                                                : 0;
        *to++ = random ? '#' : *at;
        at += random ? random : 1;
    }
    *to = '\0';
    return text;
}

/* ---- the two sides ---- */

void take_tools(struct conversation *conversation, struct json_value tools)
{
    struct json_value rest = json_elements(tools), tool, none = {0};
    while (json_next_element(&rest, &tool))
        if (json_get(tool, "name").at)
            conversation_add_tool(conversation, none, json_get(tool, "name"));
}

void responses_stream_open(struct responses_stream *stream, struct arena *arena,
                           struct responses_context *ask)
{
    struct json_value none = {0};
    conversation_open(&stream->conversation, arena, API_RESPONSES, API_CHAT, none);
    take_tools(&stream->conversation, ask->echo[ECHO_TOOLS]);
    stream->conversation.private = ask;
    answer_writer_open(&stream->writer, &responses_writer_ops, arena, &stream->conversation);
}

void responses_stream_takes_tags(struct responses_stream *stream)
{
    struct provider_facts facts = {.reasoning = REASONING_TAGS};
    chat_provider.open_answer(&stream->writer.answer, &facts);
}

bool responses_stream_frame(struct responses_stream *stream, const char *data, size_t length,
                            struct buffer *out, struct failure *why)
{
    struct json_value frame;
    struct json_fault fault;
    if (!json_check((struct json_value){data, length}, JSON_DEPTH_MAX, JSON_UTF8_ANY, &frame, &fault) ||
        json_kind(frame) != JSON_OBJECT)
        return true;
    return answer_writer_frame(&stream->writer, chat_provider.read_frame, frame, out, why);
}

bool responses_stream_end(struct responses_stream *stream, const struct token_usage *usage,
                          struct buffer *out, struct failure *why)
{
    return answer_writer_end(&stream->writer, chat_provider.read_end, usage, out, why);
}

bool responses_stream_fail(struct responses_stream *stream, struct json_value error, struct buffer *out)
{
    return responses_writer_fail(&stream->writer, error, out);
}

bool responses_from_chat(struct arena *arena, struct responses_context *ask, struct json_value answer,
                         const struct token_usage *usage, struct buffer *response, struct failure *why)
{
    struct responses_stream *stream = arena_alloc(arena, sizeof *stream);
    responses_stream_open(stream, arena, ask);
    return answer_writer_body(&stream->writer, chat_provider.read_body, chat_provider.read_end, answer, usage,
                              response, why);
}
