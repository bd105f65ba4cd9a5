/* Writes the turns of a conversation as Gemini's contents (Gemini API reference, "Content").
 *
 * The roles alternate, so the turns between two turns of the model are one content, which begins with the
 * results of tools. The contents begin with the user. The first call of a step needs the signature that came
 * with it ("Thought signatures"); where none is known, the API has a placeholder for calls of other models.
 */
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "base/pattern.h"
#include "protocol/conversation_build.h"
#include "protocol/gemini/gemini_write.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/provider_facts.h"
#include "protocol/signature.h"
#include "protocol/tool_arguments.h"

#define PLACEHOLDER "skip_thought_signature_validator"
#define UNSIGNED_MODELS "*gemini-1*|*gemini-2*" /* check no signatures */

struct contents {
    struct json_writer *writer;
    size_t count;
    const struct conversation *conversation;
    const struct provider_facts *facts;
    struct place place;
};

static bool refuse(const struct contents *contents, const char *what, struct failure *why)
{
    return refuse_at(&contents->place, why, "%s has no Gemini representation", what);
}

static void put_inside(struct json_writer *writer, const char *name, struct json_value inside)
{
    struct buffer text = {.bytes = (char *)inside.at, .length = inside.length};
    write_inside(writer, name, &text);
}

static void put_text(struct json_writer *list, size_t *count, struct json_value text)
{
    if (!is_filled(text))
        return;
    struct json_writer part = write_element(list, count);
    write_value(&part, "text", text);
    json_write_end(&part);
}

/* ---- media ---- */

/* Addresses that the API reads itself: its own files, Google's storage and YouTube. */
static bool is_readable(struct json_value url)
{
    static const char *const beginnings[] = {"https://generativelanguage.googleapis.com/", "gs://",
                                             "https://www.youtube.com/", "https://youtu.be/"};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        size_t length = strlen(beginnings[i]);
        if (url.length > length && strncasecmp(url.at, beginnings[i], length) == 0)
            return true;
    }
    return false;
}

static bool put_media(const struct contents *contents, struct json_writer *list, size_t *count,
                      const struct media *media, const char *type, struct failure *why)
{
    if (media->source == MEDIA_ID)
        return refuse(contents, "a file by id", why);
    if (media->source == MEDIA_URL && !is_readable(media->data))
        return refuse_at(&contents->place, why,
                         "Gemini does not fetch this URL: send the picture or file in the request");
    struct json_writer part = write_element(list, count);
    bool by_url = media->source == MEDIA_URL;
    struct json_writer data = json_put_object(&part, by_url ? "fileData" : "inlineData");
    const char *known = media_picture_type(media->type);
    if (media->type || !by_url)
        json_put_string(&data, "mimeType", known ? known : media->type ? media->type : type);
    put_inside(&data, by_url ? "fileUri" : "data", media->data);
    json_write_end(&data);
    json_write_end(&part);
    return true;
}

static bool put_sound(const struct contents *contents, struct json_writer *list, size_t *count,
                      const struct part *part, struct failure *why)
{
    struct json_value sound = json_get(part->raw, "input_audio"), format = json_get(sound, "format");
    struct media media = {.source = MEDIA_BASE64, .data = inside_of_string(json_get(sound, "data"))};
    const char *name = json_string(contents->conversation->arena, format, NULL);
    media.type = arena_format(contents->conversation->arena, "audio/%s", name ? name : "wav");
    return put_media(contents, list, count, &media, "audio/wav", why);
}

/* Writes a part that a content of the user may have. */
static bool put_part(const struct contents *contents, struct json_writer *list, size_t *count,
                     const struct part *part, struct failure *why)
{
    switch (part->kind) {
    case PART_TEXT:
        put_text(list, count, part->text);
        return true;
    case PART_IMAGE:
        return put_media(contents, list, count, &part->media, "image/png", why);
    case PART_FILE:
        return put_media(contents, list, count, &part->media, "application/pdf", why);
    case PART_VIDEO:
        return put_media(contents, list, count, &part->media, "video/mp4", why);
    case PART_AUDIO:
        return put_sound(contents, list, count, part, why);
    default:
        return true;
    }
}

/* ---- results ---- */

/* Results bear the name of their function. */
static struct json_value name_of_call(const struct conversation *conversation, struct json_value id)
{
    for (const struct turn *turn = conversation->turns; turn; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next)
            if (part->kind == PART_CALL && part->id.length == id.length &&
                memcmp(part->id.at, id.at, id.length) == 0)
                return part->name;
    return (struct json_value){"\"unknown\"", 9};
}

static bool put_result(const struct contents *contents, struct json_writer *list, size_t *count,
                       const struct part *result, struct failure *why)
{
    struct buffer joined;
    buffer_init(&joined, contents->writer->buffer->ceiling);
    bool fits = true;
    for (const struct part *part = result->content; part; part = part->next)
        if (part->kind == PART_TEXT)
            fits = fits && buffer_append(&joined, "\\n", joined.length ? 2 : 0) &&
                   take_inside(&joined, part->text);
    struct json_writer part = write_element(list, count);
    struct json_writer response = json_put_object(&part, "functionResponse");
    write_value(&response, "id", result->id);
    write_value(&response, "name", name_of_call(contents->conversation, result->id));
    struct json_writer object = json_put_object(&response, "response");
    write_inside(&object, result->failed ? "error" : "result", &joined);
    json_write_end(&object);
    json_write_end(&response);
    json_write_end(&part);
    buffer_free(&joined);
    return fits || refuse_size(why);
}

static bool put_media_of_results(struct contents *contents, struct json_writer *list, size_t *count,
                                 const struct part *result, struct failure *why)
{
    for (const struct part *part = result->content; part; part = part->next)
        if (part->kind != PART_TEXT && !put_part(contents, list, count, part, why))
            return false;
    return true;
}

/* ---- the model ---- */

/* Sets `pending` to the signature that came with the reasoning before the call. */
static void note_signature(const struct contents *contents, const struct part *part,
                           struct json_value *pending)
{
    enum signature_kind kind;
    struct json_value inside = signature_read(contents->conversation, part->signature, &kind);
    if (inside.at)
        *pending = inside;
}

static bool put_call(const struct contents *contents, struct json_writer *list, size_t *count,
                     const struct part *call, bool is_first, struct json_value signature, struct failure *why)
{
    struct json_value arguments;
    if (!arguments_read_object(contents->conversation->arena, call->arguments, &arguments))
        return refuse_at(&contents->place, why, "the arguments of a call must be a JSON object");
    struct json_writer part = write_element(list, count);
    struct json_writer function = json_put_object(&part, "functionCall");
    write_value(&function, "id", call->id);
    write_value(&function, "name", call->name);
    write_value(&function, "args", arguments);
    json_write_end(&function);
    if (is_filled(call->signature))
        write_value(&part, "thoughtSignature", call->signature);
    else if (is_first && signature.at)
        put_inside(&part, "thoughtSignature", signature);
    else if (is_first && !pattern_matches(UNSIGNED_MODELS, contents->facts->model))
        json_put_string(&part, "thoughtSignature", PLACEHOLDER);
    json_write_end(&part);
    return true;
}

static bool leaves_something(const struct part *part, bool of_model)
{
    if (part->kind == PART_TEXT)
        return is_filled(part->text);
    return part->kind == PART_CALL ||
           (!of_model && part->kind != PART_REASONING && part->kind != PART_OPAQUE);
}

static bool has_content(const struct turn *first, const struct turn *end, bool of_model)
{
    for (const struct turn *turn = first; turn != end; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next)
            if (leaves_something(part, of_model))
                return true;
    return false;
}

static struct json_writer begin_content(struct contents *contents, const char *role)
{
    struct json_writer content = write_element(contents->writer, &contents->count);
    json_put_string(&content, "role", role);
    json_put_name(&content, "parts");
    write_text(&content, "[");
    return content;
}

static void end_content(struct json_writer *content)
{
    write_text(content, "]");
    json_write_end(content);
}

static bool put_model(struct contents *contents, const struct turn *first, const struct turn *end,
                      struct failure *why)
{
    bool is_first = true;
    size_t count = 0;
    struct json_value signature = {0};
    struct json_writer content = begin_content(contents, "model");
    for (const struct turn *turn = first; turn != end; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next) {
            contents->place = place_of_turn(contents->conversation, turn);
            if (part->kind == PART_REASONING || part->kind == PART_OPAQUE)
                note_signature(contents, part, &signature);
            if (part->kind == PART_TEXT)
                put_text(&content, &count, part->text);
            if (part->kind != PART_CALL)
                continue;
            if (!put_call(contents, &content, &count, part, is_first, signature, why))
                return false;
            is_first = false;
        }
    end_content(&content);
    return contents->writer->ok || refuse_size(why);
}

/* ---- the user ---- */

static void put_guidance(const struct contents *contents, struct json_writer *list, size_t *count,
                         const struct part *part)
{
    struct json_value inside = inside_of_string(part->text);
    if (!inside.length)
        return;
    char *marked = arena_format(contents->conversation->arena, "\"<system>\\n%.*s\\n</system>\"",
                                (int)inside.length, inside.at);
    put_text(list, count, (struct json_value){marked, strlen(marked)});
}

static bool put_user(struct contents *contents, const struct turn *first, const struct turn *end,
                     struct failure *why)
{
    size_t count = 0;
    struct json_writer content = begin_content(contents, "user");
    for (const struct turn *turn = first; turn != end; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next)
            if (part->kind == PART_RESULT && !put_result(contents, &content, &count, part, why))
                return false;
    for (const struct turn *turn = first; turn != end; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next) {
            contents->place = place_of_turn(contents->conversation, turn);
            bool good = true;
            if (part->kind == PART_RESULT)
                good = put_media_of_results(contents, &content, &count, part, why);
            else if (turn->role == TURN_SYSTEM)
                put_guidance(contents, &content, &count, part);
            else
                good = put_part(contents, &content, &count, part, why);
            if (!good)
                return false;
        }
    end_content(&content);
    return contents->writer->ok || refuse_size(why);
}

static void put_opening(struct contents *contents)
{
    size_t count = 0;
    struct json_writer content = begin_content(contents, "user");
    put_text(&content, &count, (struct json_value){"\"Continue.\"", 11});
    end_content(&content);
}

/* ---- system ---- */

static bool put_system(struct contents *contents, const struct turn *turn, struct failure *why)
{
    size_t count = 0;
    if (!turn || turn->role != TURN_SYSTEM || !has_content(turn, NULL, false))
        return true;
    struct json_writer system = json_put_object(contents->writer, "systemInstruction");
    json_put_name(&system, "parts");
    write_text(&system, "[");
    for (; turn && turn->role == TURN_SYSTEM; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next) {
            contents->place = place_of_turn(contents->conversation, turn);
            if (part->kind != PART_TEXT)
                return refuse(contents, "guidance that is not text", why);
            put_text(&system, &count, part->text);
        }
    write_text(&system, "]");
    json_write_end(&system);
    return true;
}

bool gemini_write_contents(struct json_writer *writer, const struct conversation *conversation,
                           const struct provider_facts *facts, struct failure *why)
{
    struct contents contents = {.writer = writer, .conversation = conversation, .facts = facts};
    const struct turn *turn = conversation->turns;
    if (!put_system(&contents, turn, why))
        return false;
    while (turn && turn->role == TURN_SYSTEM)
        turn = turn->next;
    json_put_name(writer, "contents");
    write_text(writer, "[");
    if (conversation->turns && !turn)
        put_opening(&contents);
    while (turn) {
        const struct turn *first = turn;
        bool of_model = first->role == TURN_ASSISTANT;
        while (turn && (turn->role == TURN_ASSISTANT) == of_model)
            turn = turn->next;
        if (!has_content(first, turn, of_model))
            continue;
        if (of_model && !contents.count)
            put_opening(&contents);
        if (!(of_model ? put_model : put_user)(&contents, first, turn, why))
            return false;
    }
    write_text(writer, "]");
    return writer->ok || refuse_size(why);
}
