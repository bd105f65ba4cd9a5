/* Writes the turns of a conversation as the items of a Responses request.
 *
 * Guidance at the beginning becomes the instructions. A turn of the assistant is several items: its text, and
 * each call. */
#include "base/base.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/conversation_build.h"
#include "protocol/dialect_parts.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/responses/responses_write.h"
#include "protocol/signature.h"
#include "protocol/tool_arguments.h"

struct items {
    struct json_writer *writer;
    size_t count;
    const struct conversation *conversation;
    struct place place;
};

static bool refuse(const struct items *items, const char *what, struct failure *why)
{
    return refuse_at(&items->place, why, "%s has no Responses representation", what);
}

/* ---- parts ---- */

static void put_text(struct json_writer *list, size_t *count, const char *type, struct json_value text)
{
    if (!is_filled(text))
        return;
    struct json_writer part = write_element(list, count);
    json_put_string(&part, "type", type);
    write_value(&part, "text", text);
    json_write_end(&part);
}

static bool put_picture(struct json_writer *list, size_t *count, const struct part *part)
{
    struct json_writer object = write_element(list, count);
    json_put_string(&object, "type", "input_image");
    if (part->media.source == MEDIA_ID)
        write_unquoted(&object, "file_id", part->media.data);
    else
        write_media_url(&object, "image_url", &part->media, "image/png");
    if (is_filled(part->media.detail))
        write_value(&object, "detail", part->media.detail);
    else
        json_put_string(&object, "detail", "auto");
    json_write_end(&object);
    return true;
}

static bool put_file(struct json_writer *list, size_t *count, const struct part *part)
{
    const struct media *media = &part->media;
    struct json_writer object = write_element(list, count);
    json_put_string(&object, "type", "input_file");
    if (media->source == MEDIA_ID) {
        write_unquoted(&object, "file_id", media->data);
    } else if (media->source == MEDIA_URL) {
        write_unquoted(&object, "file_url", media->data);
    } else {
        if (is_filled(media->title))
            write_value(&object, "filename", media->title);
        else
            json_put_string(&object, "filename", "document.pdf");
        write_media_url(&object, "file_data", media, "application/pdf");
    }
    json_write_end(&object);
    return true;
}

static bool put_part(const struct items *items, struct json_writer *list, size_t *count,
                     const struct part *part, struct failure *why)
{
    switch (part->kind) {
    case PART_TEXT:
        put_text(list, count, "input_text", part->text);
        return true;
    case PART_IMAGE:
        return put_picture(list, count, part);
    case PART_FILE:
        return put_file(list, count, part);
    case PART_AUDIO:
        return refuse(items, "input_audio", why);
    case PART_VIDEO:
        return refuse(items, "a video", why);
    default:
        return true;
    }
}

/* ---- items ---- */

static struct json_writer begin_message(struct items *items, const char *role)
{
    struct json_writer message = write_element(items->writer, &items->count);
    json_put_string(&message, "type", "message");
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

static bool put_result(struct items *items, const struct part *result, struct failure *why)
{
    const struct part *only = result->content;
    struct json_writer item = write_element(items->writer, &items->count);
    json_put_string(&item, "type", "function_call_output");
    write_value(&item, "call_id", result->id);
    if (!only) {
        json_put_string(&item, "output", result->failed ? "Error" : "");
    } else if (!only->next && only->kind == PART_TEXT && !result->failed) {
        write_value(&item, "output", only->text);
    } else {
        static const struct json_value failed = {"\"Error:\"", 8};
        size_t count = 0;
        json_put_name(&item, "output");
        write_text(&item, "[");
        if (result->failed)
            put_text(&item, &count, "input_text", failed);
        for (const struct part *part = result->content; part; part = part->next)
            if (!put_part(items, &item, &count, part, why))
                return false;
        write_text(&item, "]");
    }
    json_write_end(&item);
    return true;
}

static bool has_message(const struct turn *turn)
{
    for (const struct part *part = turn->parts; part; part = part->next)
        if (part->kind != PART_RESULT && (part->kind != PART_TEXT || is_filled(part->text)))
            return true;
    return turn->plain;
}

static bool put_user(struct items *items, const struct turn *turn, const char *role, struct failure *why)
{
    size_t count = 0;
    for (const struct part *part = turn->parts; part; part = part->next)
        if (part->kind == PART_RESULT && !put_result(items, part, why))
            return false;
    if (!has_message(turn))
        return true;
    struct json_writer message = begin_message(items, role);
    for (const struct part *part = turn->parts; part; part = part->next)
        if (part->kind != PART_RESULT && !put_part(items, &message, &count, part, why))
            return false;
    end_message(&message);
    return items->writer->ok || refuse_size(why);
}

/* ---- items of the assistant ---- */

/* Only the provider that has encrypted its reasoning takes it back. */
static void put_reasoning(struct items *items, const struct part *part)
{
    enum signature_kind kind;
    struct json_value inside = signature_read(items->conversation, part->signature, &kind);
    if (!inside.at)
        return;
    struct json_writer item = write_element(items->writer, &items->count);
    json_put_string(&item, "type", "reasoning");
    json_put_raw(&item, "summary", "[]", 2);
    write_unquoted(&item, "encrypted_content", inside);
    json_write_end(&item);
}

static void put_call(struct items *items, const struct part *part)
{
    struct json_writer item = write_element(items->writer, &items->count);
    json_put_string(&item, "type", "function_call");
    write_value(&item, "call_id", part->id);
    write_value(&item, "name", part->name);
    arguments_write_text(&item, "arguments", part->arguments);
    json_write_end(&item);
}

static void put_said(struct items *items, const struct part *part)
{
    size_t count = 0;
    if (!is_filled(part->text))
        return;
    struct json_writer message = begin_message(items, "assistant");
    put_text(&message, &count, "output_text", part->text);
    end_message(&message);
}

static bool put_assistant(struct items *items, const struct turn *turn, struct failure *why)
{
    for (const struct part *part = turn->parts; part; part = part->next) {
        if (part->kind == PART_REASONING)
            put_reasoning(items, part);
        if (part->kind == PART_TEXT)
            put_said(items, part);
        if (part->kind == PART_CALL)
            put_call(items, part);
    }
    return items->writer->ok || refuse_size(why);
}

/* ---- instructions ---- */

static bool put_instructions(struct items *items, const struct turn **turn, struct failure *why)
{
    struct buffer joined;
    const struct turn *at = *turn;
    bool fits = true;
    buffer_init(&joined, items->writer->buffer->ceiling);
    for (; at && at->role == TURN_SYSTEM; at = at->next)
        for (const struct part *part = at->parts; part; part = part->next)
            if (is_filled(part->text))
                fits = fits && buffer_append(&joined, "\\n\\n", joined.length ? 4 : 0) &&
                       take_inside(&joined, part->text);
    if (joined.length)
        write_inside(items->writer, "instructions", &joined);
    buffer_free(&joined);
    *turn = at;
    return fits || refuse_size(why);
}

bool responses_write_input(struct json_writer *writer, const struct conversation *conversation,
                           struct failure *why)
{
    struct items items = {.writer = writer, .conversation = conversation};
    const struct turn *turn = conversation->turns;
    if (!put_instructions(&items, &turn, why))
        return false;
    json_put_name(writer, "input");
    write_text(writer, "[");
    for (; turn; turn = turn->next) {
        items.place = place_of_turn(conversation, turn);
        bool good = turn->role == TURN_ASSISTANT
                        ? put_assistant(&items, turn, why)
                        : put_user(&items, turn, turn->role == TURN_SYSTEM ? "developer" : "user", why);
        if (!good)
            return false;
    }
    write_text(writer, "]");
    return writer->ok || refuse_size(why);
}
