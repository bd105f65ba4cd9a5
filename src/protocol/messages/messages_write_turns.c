/* Writes the turns of a conversation as the messages of the Messages API.
 *
 * The roles alternate, and a message of the user begins with the results of tools, as one unbroken run: so
 * the turns between two turns of the assistant are one message. Guidance at the beginning is the system
 * prompt; later guidance stays where it is, as a marked text of the user, for moving it would void the cache
 * of all that stands before. The API refuses empty texts. */
#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/conversation_build.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/messages/messages_write.h"
#include "protocol/signature.h"
#include "protocol/tool_arguments.h"
#include "protocol/tool_id.h"

struct messages {
    struct json_writer *writer;
    size_t count; /* of messages */
    const struct conversation *conversation;
    struct place place;
};

/* ---- texts ---- */

static bool is_blank_inside(struct json_value inside)
{
    for (size_t i = 0; i < inside.length; i++) {
        bool escape = inside.at[i] == '\\' && i + 1 < inside.length && strchr("nrt", inside.at[i + 1]);
        if (inside.at[i] != ' ' && !escape)
            return false;
        i += escape;
    }
    return true;
}

static bool is_blank(struct json_value text)
{
    return is_blank_inside(inside_of_string(text));
}

/* Returns the length of the blank character that a text ends with: 0, 1, or 2 of an escape. */
static size_t blank_at_end(struct json_value inside)
{
    size_t backslashes = 0;
    if (!inside.length)
        return 0;
    char last = inside.at[inside.length - 1];
    if (last == ' ')
        return 1;
    while (backslashes + 1 < inside.length && inside.at[inside.length - 2 - backslashes] == '\\')
        backslashes++;
    return backslashes % 2 && strchr("nrt", last) ? 2 : 0;
}

/* The API refuses an answer that was begun and ends in blanks. */
static struct json_value without_end(struct arena *arena, struct json_value text)
{
    struct json_value inside = inside_of_string(text);
    for (size_t blank; (blank = blank_at_end(inside));)
        inside.length -= blank;
    return inside.length ? quote_inside(arena, inside.at, inside.length) : text;
}

static void put_text(struct json_writer *list, size_t *count, struct json_value text,
                     struct json_value cache_control)
{
    if (!is_filled(text))
        return;
    struct json_writer block = write_element(list, count);
    json_put_string(&block, "type", "text");
    write_value(&block, "text", text);
    write_value(&block, "cache_control", cache_control);
    json_write_end(&block);
}

/* ---- pictures and documents ---- */

static bool refuse(const struct messages *messages, const char *what, struct failure *why)
{
    return refuse_at(&messages->place, why, "%s has no Messages representation", what);
}

static void put_source(struct json_writer *block, const struct media *media, const char *type)
{
    struct buffer data = {.bytes = (char *)media->data.at, .length = media->data.length};
    struct json_writer source = json_put_object(block, "source");
    json_put_string(&source, "type", media->source == MEDIA_URL ? "url" : "base64");
    if (media->source == MEDIA_URL) {
        write_inside(&source, "url", &data);
    } else {
        json_put_string(&source, "media_type", type);
        write_inside(&source, "data", &data);
    }
    json_write_end(&source);
}

static bool put_picture(const struct messages *messages, struct json_writer *list, size_t *count,
                        const struct part *part, struct failure *why)
{
    const struct media *media = &part->media;
    const char *type = media_picture_type(media->type);
    if (media->source == MEDIA_ID)
        return refuse(messages, "a picture by id", why);
    if (media->source == MEDIA_BASE64 && !type)
        return refuse_at(&messages->place, why, "a picture of the type %.60s has no Messages representation",
                         media->type ? media->type : "?");
    struct json_writer block = write_element(list, count);
    json_put_string(&block, "type", "image");
    put_source(&block, media, type);
    write_value(&block, "cache_control", part->cache_control);
    json_write_end(&block);
    return true;
}

static bool put_document(const struct messages *messages, struct json_writer *list, size_t *count,
                         const struct part *part, struct failure *why)
{
    const struct media *media = &part->media;
    if (media->source == MEDIA_ID)
        return refuse(messages, "a file by id", why);
    if (media->type && media_picture_type(media->type))
        return put_picture(messages, list, count, part, why);
    if (media->type && strcmp(media->type, "application/pdf") != 0)
        return refuse_at(&messages->place, why, "a file of the type %.60s has no Messages representation",
                         media->type);
    struct json_writer block = write_element(list, count);
    json_put_string(&block, "type", "document");
    put_source(&block, media, "application/pdf");
    write_value(&block, "title", media->title);
    write_value(&block, "cache_control", part->cache_control);
    json_write_end(&block);
    return true;
}

/* Writes a part that a message of the user and a result may both have. */
static bool put_content(const struct messages *messages, struct json_writer *list, size_t *count,
                        const struct part *part, struct failure *why)
{
    switch (part->kind) {
    case PART_TEXT:
        put_text(list, count, part->text, part->cache_control);
        return true;
    case PART_IMAGE:
        return put_picture(messages, list, count, part, why);
    case PART_FILE:
        return put_document(messages, list, count, part, why);
    case PART_AUDIO:
        return refuse(messages, "input_audio", why);
    case PART_VIDEO:
        return refuse(messages, "a video", why);
    default:
        return true;
    }
}

/* ---- tools ---- */

static bool put_result(const struct messages *messages, struct json_writer *list, size_t *count,
                       const struct part *result, struct failure *why)
{
    size_t parts = 0;
    struct json_writer block = write_element(list, count);
    json_put_string(&block, "type", "tool_result");
    write_value(&block, "tool_use_id", tool_id_valid(messages->conversation->arena, result->id));
    const struct part *only = result->content;
    if (only && !only->next && only->kind == PART_TEXT && !only->cache_control.at) {
        write_value(&block, "content", only->text);
    } else {
        json_put_name(&block, "content");
        write_text(&block, "[");
        for (const struct part *part = result->content; part; part = part->next)
            if (!put_content(messages, &block, &parts, part, why))
                return false;
        write_text(&block, "]");
    }
    if (result->failed)
        json_put_bool(&block, "is_error", true);
    write_value(&block, "cache_control", result->cache_control);
    json_write_end(&block);
    return true;
}

static bool put_call(const struct messages *messages, struct json_writer *list, size_t *count,
                     const struct part *call, struct failure *why)
{
    struct json_value input;
    if (!arguments_read_object(messages->conversation->arena, call->arguments, &input))
        return refuse_at(&messages->place, why, "the arguments of a call must be a JSON object");
    struct json_writer block = write_element(list, count);
    json_put_string(&block, "type", "tool_use");
    write_value(&block, "id", tool_id_valid(messages->conversation->arena, call->id));
    write_value(&block, "name", call->name);
    write_value(&block, "input", input);
    write_value(&block, "cache_control", call->cache_control);
    json_write_end(&block);
    return true;
}

/* Only the provider that has signed its thinking takes it back. */
static void put_thinking(const struct messages *messages, struct json_writer *list, size_t *count,
                         const struct part *part)
{
    enum signature_kind kind;
    struct json_value inside = signature_read(messages->conversation, part->signature, &kind);
    struct buffer text = {.bytes = (char *)inside.at, .length = inside.length};
    if (!inside.at)
        return;
    struct json_writer block = write_element(list, count);
    json_put_string(&block, "type", kind == SIGNATURE_OPAQUE ? "redacted_thinking" : "thinking");
    if (kind == SIGNATURE_OPAQUE) {
        write_inside(&block, "data", &text);
    } else {
        write_value(&block, "thinking", part->text);
        write_inside(&block, "signature", &text);
    }
    json_write_end(&block);
}

/* ---- messages ---- */

static struct json_writer begin_message(struct messages *messages, const char *role)
{
    struct json_writer message = write_element(messages->writer, &messages->count);
    json_put_string(&message, "role", role);
    json_put_name(&message, "content");
    write_text(&message, "[");
    return message;
}

static void end_message(struct json_writer *message)
{
    write_text(message, "]");
    json_write_end(message);
}

/* True if the part leaves nothing behind. */
static bool is_nothing(const struct messages *messages, const struct part *part)
{
    enum signature_kind kind;
    if (part->kind == PART_TEXT)
        return !is_filled(part->text);
    if (part->kind == PART_OPAQUE)
        return true;
    return part->kind == PART_REASONING && !signature_read(messages->conversation, part->signature, &kind).at;
}

static bool put_assistant(struct messages *messages, const struct turn *first, const struct turn *end,
                          struct failure *why)
{
    bool has_content = false;
    size_t count = 0;
    for (const struct turn *turn = first; turn != end; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next)
            has_content = has_content || !is_nothing(messages, part);
    if (!has_content)
        return true;
    struct json_writer message = begin_message(messages, "assistant");
    for (const struct turn *turn = first; turn != end; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next) {
            struct part said = *part;
            messages->place = place_of_turn(messages->conversation, turn);
            if (part->kind == PART_TEXT && !turn->next && !part->next)
                said.text = without_end(messages->conversation->arena, part->text);
            if (part->kind == PART_REASONING)
                put_thinking(messages, &message, &count, part);
            else if (part->kind == PART_CALL ? !put_call(messages, &message, &count, part, why)
                                             : !put_content(messages, &message, &count, &said, why))
                return false;
        }
    end_message(&message);
    return messages->writer->ok || refuse_size(why);
}

static void put_guidance(const struct messages *messages, struct json_writer *list, size_t *count,
                         const struct part *part)
{
    struct arena *arena = messages->conversation->arena;
    struct json_value inside = inside_of_string(part->text), none = {0};
    if (!inside.length)
        return;
    char *marked = arena_format(arena, "\"<system>\\n%.*s\\n</system>\"", (int)inside.length, inside.at);
    put_text(list, count, (struct json_value){marked, strlen(marked)}, none);
}

/* The API would refuse the message in words that name no member of the client's. */
static bool refuse_blank(struct messages *messages, const struct turn *turn, struct failure *why)
{
    messages->place = place_of_turn(messages->conversation, turn);
    return refuse_at(&messages->place, why, "the API takes no message that is nothing but blanks");
}

static bool check_user(struct messages *messages, const struct turn *first, const struct turn *end,
                       bool *has_content, struct failure *why)
{
    bool says_something = false;
    *has_content = false;
    for (const struct turn *turn = first; turn != end; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next) {
            *has_content = *has_content || !is_nothing(messages, part);
            says_something = says_something || part->kind != PART_TEXT || !is_blank(part->text);
        }
    return says_something || !*has_content || refuse_blank(messages, first, why);
}

static bool put_user(struct messages *messages, const struct turn *first, const struct turn *end,
                     struct failure *why)
{
    bool has_content;
    size_t count = 0;
    if (!check_user(messages, first, end, &has_content, why))
        return false;
    if (!has_content)
        return true;
    struct json_writer message = begin_message(messages, "user");
    for (const struct turn *turn = first; turn != end; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next)
            if (part->kind == PART_RESULT && !put_result(messages, &message, &count, part, why))
                return false;
    for (const struct turn *turn = first; turn != end; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next) {
            messages->place = place_of_turn(messages->conversation, turn);
            if (turn->role == TURN_SYSTEM)
                put_guidance(messages, &message, &count, part);
            else if (part->kind != PART_RESULT && !put_content(messages, &message, &count, part, why))
                return false;
        }
    end_message(&message);
    return messages->writer->ok || refuse_size(why);
}

/* The API wants the user to begin. */
static void put_opening(struct messages *messages)
{
    size_t count = 0;
    struct json_writer message = begin_message(messages, "user");
    put_text(&message, &count, (struct json_value){"\"Continue.\"", 11}, (struct json_value){0});
    end_message(&message);
}

/* ---- system ---- */

static bool has_cache_marks(const struct turn *turn)
{
    for (; turn && turn->role == TURN_SYSTEM; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next)
            if (part->cache_control.at)
                return true;
    return false;
}

static bool join_system(const struct turn *turn, struct buffer *joined)
{
    bool fits = true;
    for (; turn && turn->role == TURN_SYSTEM; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next)
            if (is_filled(part->text))
                fits = fits && buffer_append(joined, "\\n\\n", joined->length ? 4 : 0) &&
                       take_inside(joined, part->text);
    return fits;
}

/* A form without an equal in the API is told in words. */
static const char *told_form(const struct conversation *conversation)
{
    return conversation->form == FORM_JSON
               ? "Answer with a single JSON object and nothing else: no text around it, no code fence."
               : NULL;
}

static bool put_system(struct messages *messages, const struct turn *turn, struct failure *why)
{
    struct json_writer *writer = messages->writer;
    const char *told = told_form(messages->conversation);
    size_t count = 0;
    if (has_cache_marks(turn)) {
        json_put_name(writer, "system");
        write_text(writer, "[");
        for (; turn && turn->role == TURN_SYSTEM; turn = turn->next)
            for (const struct part *part = turn->parts; part; part = part->next)
                put_text(writer, &count, part->text, part->cache_control);
        if (told)
            put_text(writer, &count, quote_text(messages->conversation->arena, told), (struct json_value){0});
        write_text(writer, "]");
        return writer->ok || refuse_size(why);
    }
    struct buffer joined;
    buffer_init(&joined, writer->buffer->ceiling);
    bool fits = join_system(turn, &joined);
    if (told)
        fits = fits && buffer_append(&joined, "\\n\\n", joined.length ? 4 : 0) &&
               buffer_append(&joined, told, strlen(told));
    if (!is_blank_inside((struct json_value){joined.bytes, joined.length}))
        write_inside(writer, "system", &joined);
    buffer_free(&joined);
    return (fits && writer->ok) || refuse_size(why);
}

static bool check_system(struct messages *messages, const struct turn *turn, struct failure *why)
{
    for (; turn && turn->role == TURN_SYSTEM; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next) {
            messages->place = place_of_turn(messages->conversation, turn);
            if (part->kind != PART_TEXT)
                return refuse(messages, "guidance that is not text", why);
        }
    return true;
}

bool messages_write_turns(struct json_writer *writer, const struct conversation *conversation,
                          struct failure *why)
{
    struct messages messages = {.writer = writer, .conversation = conversation};
    const struct turn *turn = conversation->turns;
    if (!check_system(&messages, turn, why) || !put_system(&messages, turn, why))
        return false;
    while (turn && turn->role == TURN_SYSTEM)
        turn = turn->next;
    json_put_name(writer, "messages");
    write_text(writer, "[");
    if (conversation->turns && !turn)
        put_opening(&messages);
    while (turn) {
        const struct turn *first = turn;
        bool is_assistant = first->role == TURN_ASSISTANT;
        while (turn && (turn->role == TURN_ASSISTANT) == is_assistant)
            turn = turn->next;
        if (is_assistant && !messages.count)
            put_opening(&messages);
        if (!(is_assistant ? put_assistant : put_user)(&messages, first, turn, why))
            return false;
    }
    write_text(writer, "]");
    if (conversation->turns && !messages.count)
        return refuse_blank(&messages, conversation->turns, why);
    return writer->ok || refuse_size(why);
}
