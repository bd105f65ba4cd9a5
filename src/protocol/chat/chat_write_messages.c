/* Writes the turns of a conversation as the messages of a chat.
 *
 * Results of tools are messages of their own, directly behind the calls. Most providers take only text in
 * them, so pictures and files of a result go into the user's message behind the results. Guidance at the
 * beginning is one system message, because many chat templates allow only one; later guidance stays where it
 * is. */
#include "protocol/chat/chat_write.h"

#include <string.h>

#include "base/base.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/conversation_build.h"
#include "protocol/dialect_parts.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"
#include "protocol/provider_facts.h"
#include "protocol/tool_arguments.h"

struct messages {
    struct json_writer *writer;
    size_t count;
    const struct conversation *conversation;
    const struct provider_facts *facts;
    struct place place;
    struct buffer text; /* of the message that is written: the inside of a string */
};

static bool refuse_part(const struct messages *messages, const char *what, struct failure *why)
{
    return refuse_at(&messages->place, why, "%s has no %s representation", what,
                     conversation_provider_api(messages->conversation));
}

/* ---- texts ---- */

static bool join(struct messages *messages, const char *separator, struct json_value text,
                 struct failure *why)
{
    struct buffer *to = &messages->text;
    size_t length = to->length ? strlen(separator) : 0;
    return (buffer_append(to, separator, length) && take_inside(to, text)) || refuse_size(why);
}

/* Blocks of the Messages API are paragraphs; parts of OpenAI's messages are pieces of one text. */
static const char *separator_of(const struct messages *messages)
{
    return messages->conversation->client == API_MESSAGES ? "\\n\\n" : "";
}

static void reset(struct messages *messages)
{
    buffer_consume(&messages->text, messages->text.length);
}

static bool put_system(struct messages *messages, struct failure *why)
{
    struct json_writer message = write_element(messages->writer, &messages->count);
    json_put_string(&message, "role", "system");
    write_inside(&message, "content", &messages->text);
    json_write_end(&message);
    reset(messages);
    return messages->writer->ok || refuse_size(why);
}

static bool join_turn(struct messages *messages, const struct turn *turn, const char *first,
                      struct failure *why)
{
    const char *separator = first;
    messages->place = place_of_turn(messages->conversation, turn);
    for (const struct part *part = turn->parts; part; part = part->next) {
        if (part->kind != PART_TEXT)
            return refuse_part(messages, "guidance that is not text", why);
        if (is_filled(part->text) && !join(messages, separator, part->text, why))
            return false;
        separator = separator_of(messages);
    }
    return true;
}

/* Writes the guidance at the beginning, and returns the first turn behind it. */
static bool put_leading(struct messages *messages, const struct turn **turn, struct failure *why)
{
    const struct turn *at = *turn;
    for (; at && at->role == TURN_SYSTEM; at = at->next)
        if (!join_turn(messages, at, "\\n\\n", why))
            return false;
    *turn = at;
    return !messages->text.length || put_system(messages, why);
}

/* ---- parts of the user ---- */

static void put_text(struct json_writer *list, size_t *count, struct json_value text)
{
    struct json_writer part = write_element(list, count);
    json_put_string(&part, "type", "text");
    write_value(&part, "text", text);
    json_write_end(&part);
}

static bool put_picture(struct messages *messages, struct json_writer *list, size_t *count,
                        const struct part *part, struct failure *why)
{
    if (part->media.source == MEDIA_ID)
        return refuse_part(messages, "a picture by file_id", why);
    struct json_writer picture = write_element(list, count);
    json_put_string(&picture, "type", "image_url");
    struct json_writer inner = json_put_object(&picture, "image_url");
    write_media_url(&inner, "url", &part->media, "image/png");
    write_value(&inner, "detail", part->media.detail);
    json_write_end(&inner);
    json_write_end(&picture);
    return true;
}

static bool put_file(struct messages *messages, struct json_writer *list, size_t *count,
                     const struct part *part, struct failure *why)
{
    const struct media *media = &part->media;
    if (media->source == MEDIA_URL)
        return refuse_part(messages, "a file by file_url", why);
    struct json_writer file = write_element(list, count);
    json_put_string(&file, "type", "file");
    struct json_writer inner = json_put_object(&file, "file");
    if (media->title.at)
        write_value(&inner, "filename", media->title);
    else if (media->source == MEDIA_BASE64)
        json_put_string(&inner, "filename", "document.pdf");
    if (media->source == MEDIA_ID)
        write_unquoted(&inner, "file_id", media->data);
    else
        write_media_url(&inner, "file_data", media, "application/pdf");
    json_write_end(&inner);
    json_write_end(&file);
    return true;
}

static void put_video(struct json_writer *list, size_t *count, const struct part *part)
{
    struct json_writer video = write_element(list, count);
    json_put_string(&video, "type", "video_url");
    struct json_writer inner = json_put_object(&video, "video_url");
    write_media_url(&inner, "url", &part->media, "video/mp4");
    json_write_end(&inner);
    json_write_end(&video);
}

static bool put_part(struct messages *messages, struct json_writer *list, size_t *count,
                     const struct part *part, struct failure *why)
{
    switch (part->kind) {
    case PART_TEXT:
        put_text(list, count, part->text);
        return true;
    case PART_IMAGE:
        return put_picture(messages, list, count, part, why);
    case PART_FILE:
        return put_file(messages, list, count, part, why);
    case PART_VIDEO:
        put_video(list, count, part);
        return true;
    case PART_AUDIO:
        write_text(list, (*count)++ ? "," : "");
        write_bytes(list, part->raw.at, part->raw.length);
        return true;
    default:
        return true; /* reasoning and calls are the assistant's, results are messages of their own */
    }
}

static bool is_media(const struct part *part)
{
    return part->kind == PART_IMAGE || part->kind == PART_FILE || part->kind == PART_VIDEO ||
           part->kind == PART_AUDIO;
}

/* ---- results of tools ---- */

static size_t count_texts(const struct part *parts)
{
    size_t count = 0;
    for (; parts; parts = parts->next)
        count += parts->kind == PART_TEXT && is_filled(parts->text);
    return count;
}

static bool has_media(const struct part *parts)
{
    while (parts && !is_media(parts))
        parts = parts->next;
    return parts;
}

/* OpenAI's clients may write a list of texts, which stays one. */
static bool stays_list(const struct messages *messages, const struct part *result)
{
    return messages->conversation->client != API_MESSAGES && !result->plain && count_texts(result->content) &&
           !has_media(result->content);
}

static bool put_result(struct messages *messages, const struct part *result, struct failure *why)
{
    static const struct json_value failed = {"\"Error: \"", 9}, picture = {"\"(image follows)\"", 17};
    struct json_writer message = write_element(messages->writer, &messages->count);
    json_put_string(&message, "role", "tool");
    write_value(&message, "tool_call_id", result->id);
    if (stays_list(messages, result)) {
        size_t count = 0;
        json_put_name(&message, "content");
        write_text(&message, "[");
        for (const struct part *part = result->content; part; part = part->next)
            put_text(&message, &count, part->text);
        write_text(&message, "]");
    } else {
        const char *separator = "";
        if (result->failed && !join(messages, "", failed, why))
            return false;
        for (const struct part *part = result->content; part; part = part->next) {
            if (part->kind != PART_TEXT)
                continue;
            if (!join(messages, separator, part->text, why))
                return false;
            separator = "\\n";
        }
        if (!messages->text.length && has_media(result->content) && !join(messages, "", picture, why))
            return false;
        write_inside(&message, "content", &messages->text);
        reset(messages);
    }
    json_write_end(&message);
    return messages->writer->ok || refuse_size(why);
}

/* ---- turns of the user ---- */

static bool put_media_of_results(struct messages *messages, struct json_writer *list, size_t *count,
                                 const struct turn *turn, struct failure *why)
{
    for (const struct part *part = turn ? turn->parts : NULL; part; part = part->next)
        for (const struct part *inner = part->kind == PART_RESULT ? part->content : NULL; inner;
             inner = inner->next)
            if (is_media(inner) && !put_part(messages, list, count, inner, why))
                return false;
    return true;
}

static bool turn_has_media_in_results(const struct turn *turn)
{
    for (const struct part *part = turn ? turn->parts : NULL; part; part = part->next)
        if (part->kind == PART_RESULT && has_media(part->content))
            return true;
    return false;
}

/* The text of a client of the Messages API that is one block is a string, which all servers take. */
static const struct part *only_text(const struct messages *messages, const struct turn *turn)
{
    const struct part *found = NULL;
    for (const struct part *part = turn->parts; part; part = part->next) {
        if (part->kind == PART_RESULT)
            continue;
        if (found || part->kind != PART_TEXT)
            return NULL;
        found = part;
    }
    return turn->plain || messages->conversation->client == API_MESSAGES ? found : NULL;
}

/* Writes the message of the user; `before` is a turn of results whose pictures it takes in. */
static bool put_user(struct messages *messages, const struct turn *turn, const struct turn *before,
                     struct failure *why)
{
    const struct part *only = only_text(messages, turn);
    bool has_more = turn_has_media_in_results(turn) || turn_has_media_in_results(before);
    bool has_content = has_more || turn->plain || !turn->had_results;
    for (const struct part *part = turn->parts; part; part = part->next)
        has_content = has_content || part->kind != PART_RESULT;
    if (!has_content)
        return true;
    struct json_writer message = write_element(messages->writer, &messages->count);
    size_t count = 0;
    json_put_string(&message, "role", "user");
    if (only && !has_more) {
        write_value(&message, "content", only->text);
    } else {
        json_put_name(&message, "content");
        write_text(&message, "[");
        if (!put_media_of_results(messages, &message, &count, before, why) ||
            !put_media_of_results(messages, &message, &count, turn, why))
            return false;
        for (const struct part *part = turn->parts; part; part = part->next)
            if (!put_part(messages, &message, &count, part, why))
                return false;
        write_text(&message, "]");
    }
    json_write_end(&message);
    return messages->writer->ok || refuse_size(why);
}

static bool is_only_results(const struct turn *turn)
{
    const struct part *part = turn->parts;
    while (part && part->kind == PART_RESULT)
        part = part->next;
    return turn->parts && !part;
}

/* Pictures of results wait for the user's next message, so that the roles alternate. */
static bool put_turn_of_user(struct messages *messages, const struct turn *turn, const struct turn *before,
                             struct failure *why)
{
    messages->place = place_of_turn(messages->conversation, turn);
    for (const struct part *part = turn->parts; part; part = part->next)
        if (part->kind == PART_RESULT && !put_result(messages, part, why))
            return false;
    bool waits = is_only_results(turn) && turn->next && turn->next->role == TURN_USER;
    return waits || put_user(messages, turn, before, why);
}

/* ---- turns of the assistant ---- */

static void put_call(struct json_writer *list, size_t *count, const struct part *part)
{
    struct json_writer call = write_element(list, count);
    write_value(&call, "id", part->id);
    json_put_string(&call, "type", "function");
    struct json_writer function = json_put_object(&call, "function");
    write_value(&function, "name", part->name);
    arguments_write_text(&function, "arguments", part->arguments);
    json_write_end(&function);
    json_write_end(&call);
}

static bool join_reasoning(struct messages *messages, const struct part *part, struct failure *why)
{
    static const struct json_value open = {"\"<think>\"", 9}, close = {"\"</think>\"", 10};
    if (messages->facts->reasoning != REASONING_TAGS || !is_filled(part->text))
        return true;
    return join(messages, "", open, why) && join(messages, "", part->text, why) &&
           join(messages, "", close, why);
}

static bool put_content(struct messages *messages, struct json_writer *message, const struct turn *turn,
                        bool has_calls, struct failure *why)
{
    const char *separator = "";
    for (const struct part *part = turn->parts; part; part = part->next) {
        if (part->kind == PART_REASONING && !join_reasoning(messages, part, why))
            return false;
        if (part->kind != PART_TEXT)
            continue;
        if (!join(messages, separator, part->text, why))
            return false;
        separator = separator_of(messages);
    }
    if (!messages->text.length && has_calls)
        json_put_null(message, "content");
    else
        write_inside(message, "content", &messages->text);
    reset(messages);
    return true;
}

/* A provider that wants its reasoning back wants the member beside calls in any case. */
static bool put_reasoning(struct messages *messages, struct json_writer *message, const struct turn *turn,
                          bool has_calls, struct failure *why)
{
    if (messages->facts->reasoning != REASONING_MEMBER)
        return true;
    for (const struct part *part = turn->parts; part; part = part->next)
        if (part->kind == PART_REASONING && !join(messages, "", part->text, why))
            return false;
    if (messages->text.length || has_calls)
        write_inside(message, "reasoning_content", &messages->text);
    reset(messages);
    return true;
}

static bool has_part(const struct turn *turn, enum part_kind kind)
{
    const struct part *part = turn->parts;
    while (part && part->kind != kind)
        part = part->next;
    return part;
}

static bool put_turn_of_assistant(struct messages *messages, const struct turn *turn, struct failure *why)
{
    bool has_calls = has_part(turn, PART_CALL);
    messages->place = place_of_turn(messages->conversation, turn);
    if (!has_calls && turn->parts && !has_part(turn, PART_TEXT))
        return true; /* nothing but reasoning */
    struct json_writer message = write_element(messages->writer, &messages->count);
    json_put_string(&message, "role", "assistant");
    if (!put_content(messages, &message, turn, has_calls, why) ||
        !put_reasoning(messages, &message, turn, has_calls, why))
        return false;
    if (has_calls) {
        size_t count = 0;
        json_put_name(&message, "tool_calls");
        write_text(&message, "[");
        for (const struct part *part = turn->parts; part; part = part->next)
            if (part->kind == PART_CALL)
                put_call(&message, &count, part);
        write_text(&message, "]");
    }
    json_write_end(&message);
    return messages->writer->ok || refuse_size(why);
}

/* ---- all turns ---- */

static bool put_turns(struct messages *messages, const struct turn *turn, struct failure *why)
{
    const struct turn *before = NULL;
    if (!put_leading(messages, &turn, why))
        return false;
    for (; turn; before = turn, turn = turn->next) {
        const struct turn *waiting = before && before->role == TURN_USER && is_only_results(before) ? before
                                                                                                    : NULL;
        bool good = turn->role == TURN_ASSISTANT ? put_turn_of_assistant(messages, turn, why)
                    : turn->role == TURN_USER    ? put_turn_of_user(messages, turn, waiting, why)
                                                 : join_turn(messages, turn, "", why) &&
                                                    (!messages->text.length || put_system(messages, why));
        if (!good)
            return false;
    }
    return true;
}

bool chat_write_messages(struct json_writer *writer, const struct conversation *conversation,
                         const struct provider_facts *facts, struct failure *why)
{
    struct messages messages = {.writer = writer, .conversation = conversation, .facts = facts};
    buffer_init(&messages.text, writer->buffer->ceiling);
    json_put_name(writer, "messages");
    write_text(writer, "[");
    bool good = put_turns(&messages, conversation->turns, why);
    write_text(writer, "]");
    buffer_free(&messages.text);
    return good && (writer->ok || refuse_size(why));
}
