/* Reads the messages of a chat (API reference, "Create chat completion", messages). */
#include <strings.h>

#include "base/arena.h"
#include "base/failure.h"
#include "protocol/chat/chat_read.h"
#include "protocol/conversation_build.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum {
    ROLE,
    CONTENT,
    TOOL_CALLS,
    TOOL_CALL_ID,
    FUNCTION_CALL,
    NAME,
    REASONING_CONTENT,
    REASONING,
    REFUSAL,
    AUDIO,
    CACHE_CONTROL,
    MEMBERS
};

static const char *const names[MEMBERS] = {
    [ROLE] = "role",
    [CONTENT] = "content",
    [TOOL_CALLS] = "tool_calls",
    [TOOL_CALL_ID] = "tool_call_id",
    [FUNCTION_CALL] = "function_call",
    [NAME] = "name",
    [REASONING_CONTENT] = "reasoning_content",
    [REASONING] = "reasoning",
    [REFUSAL] = "refusal",
    [AUDIO] = "audio",
    [CACHE_CONTROL] = "cache_control",
};

struct reader {
    struct conversation *conversation;
    struct turn *turn;
    struct part *result; /* whose content is read; NULL: the turn's own */
    struct place place;
    struct json_value last_function; /* id of the last call of the older API */
    int functions;
};

static const struct json_value nothing = {0};

static struct part *add(struct reader *reader, enum part_kind kind)
{
    struct arena *arena = reader->conversation->arena;
    return reader->result ? result_add(arena, reader->result, kind) : turn_add(arena, reader->turn, kind);
}

/* ---- parts ---- */

static bool read_picture(struct reader *reader, struct json_value part, struct failure *why)
{
    struct json_value image = json_get(part, "image_url"), url = json_get(image, "url");
    if (json_kind(image) == JSON_STRING)
        url = image;
    if (!is_filled(url))
        return refuse_at(&reader->place, why, "an image_url part needs its \"url\"");
    struct part *picture = add(reader, PART_IMAGE);
    picture->media.detail = json_get(image, "detail");
    picture->cache_control = json_get(part, "cache_control");
    media_read_url(&picture->media, reader->conversation->arena, inside_of_string(url));
    return true;
}

static bool begins_http(struct json_value text)
{
    return text.length > 6 && strncasecmp(text.at + 1, "http", 4) == 0;
}

static bool read_file(struct reader *reader, struct json_value part, struct failure *why)
{
    struct json_value file = json_get(part, "file"), data = json_get(file, "file_data"),
                      id = json_get(file, "file_id");
    if (!is_filled(data) && !is_filled(id))
        return refuse_at(&reader->place, why, "a file part needs its \"file_data\" or \"file_id\"");
    struct part *read = add(reader, PART_FILE);
    read->cache_control = json_get(part, "cache_control");
    read->media.title = json_get(file, "filename");
    if (is_filled(data)) {
        media_read_url(&read->media, reader->conversation->arena, inside_of_string(data));
        if (read->media.source == MEDIA_URL && !begins_http(data))
            read->media.source = MEDIA_BASE64; /* bare base64, which OpenAI accepts too */
    } else {
        read->media.source = MEDIA_ID;
        read->media.data = inside_of_string(id);
    }
    return true;
}

static bool read_part(struct reader *reader, struct json_value part, struct failure *why)
{
    struct json_value type = json_get(part, "type"), text = json_get(part, "text");
    if (is_word(type, "refusal"))
        text = json_get(part, "refusal");
    if (is_word(type, "text") || is_word(type, "refusal")) {
        if (json_kind(text) != JSON_STRING)
            return refuse_at(&reader->place, why, "a text part needs its \"text\"");
        struct part *read = add(reader, PART_TEXT);
        read->text = text;
        read->cache_control = json_get(part, "cache_control");
        return true;
    }
    if (is_word(type, "image_url"))
        return read_picture(reader, part, why);
    if (is_word(type, "file"))
        return read_file(reader, part, why);
    if (is_word(type, "video_url") && is_filled(json_get(json_get(part, "video_url"), "url"))) {
        media_read_url(&add(reader, PART_VIDEO)->media, reader->conversation->arena,
                       inside_of_string(json_get(json_get(part, "video_url"), "url")));
        return true;
    }
    if (is_word(type, "input_audio")) {
        add(reader, PART_AUDIO)->raw = part;
        return true;
    }
    return refuse_at(&reader->place, why, "'%s' has no %s representation", shown(&reader->place, type),
                     conversation_provider_api(reader->conversation));
}

/* Reads a content, which is a string or a list of parts; an absent one has none. */
static bool read_content(struct reader *reader, struct json_value content, struct failure *why)
{
    struct json_value rest = json_elements(content), part;
    bool plain = json_kind(content) == JSON_STRING;
    if (plain)
        add(reader, PART_TEXT)->text = content;
    if (reader->result)
        reader->result->plain = plain;
    else
        reader->turn->plain = plain;
    if (content.at && !plain && json_kind(content) != JSON_ARRAY)
        return refuse_at(&reader->place, why, "\"content\" must be a string or a list of parts");
    while (json_next_element(&rest, &part))
        if (!read_part(reader, part, why))
            return false;
    return true;
}

/* ---- the assistant ---- */

static bool read_call(struct reader *reader, struct json_value call, struct failure *why)
{
    struct json_value function = json_get(call, "function"), custom = json_get(call, "custom");
    struct json_value name = json_get(function.at ? function : custom, "name");
    if (json_kind(call) != JSON_OBJECT || !is_filled(json_get(call, "id")) || !is_filled(name))
        return refuse_at(&reader->place, why, "each of the \"tool_calls\" needs its \"id\" and its name");
    struct part *part = add(reader, PART_CALL);
    struct json_value google = json_get(json_get(call, "extra_content"), "google");
    part->id = json_get(call, "id");
    part->name = conversation_tool_name(reader->conversation, nothing, name);
    part->arguments = json_get(function, "arguments");
    part->signature = json_get(google, "thought_signature");
    if (!function.at) {
        struct json_value input = json_get(custom, "input");
        const char *object = arena_format(reader->conversation->arena, "{\"input\":%.*s}", (int)input.length,
                                          input.at ? input.at : "");
        if (json_kind(input) == JSON_STRING)
            part->arguments = (struct json_value){object, input.length + 10};
    }
    return true;
}

/* The older API had one function at a time, without an id. */
static void read_function_call(struct reader *reader, struct json_value call)
{
    struct arena *arena = reader->conversation->arena;
    if (!is_filled(json_get(call, "name")))
        return;
    struct part *part = add(reader, PART_CALL);
    part->id = quote_text(arena, arena_format(arena, "call_%d", ++reader->functions));
    part->name = conversation_tool_name(reader->conversation, nothing, json_get(call, "name"));
    part->arguments = json_get(call, "arguments");
    reader->last_function = part->id;
}

static bool read_assistant(struct reader *reader, const struct json_value *message, struct failure *why)
{
    struct json_value rest = json_elements(message[TOOL_CALLS]), call;
    struct json_value reasoning = is_filled(message[REASONING_CONTENT]) ? message[REASONING_CONTENT]
                                                                        : message[REASONING];
    reader->turn = conversation_add(reader->conversation, TURN_ASSISTANT, reader->place.index);
    if (is_filled(reasoning))
        add(reader, PART_REASONING)->text = reasoning;
    if (!read_content(reader, message[CONTENT], why))
        return false;
    if (is_filled(message[REFUSAL]))
        add(reader, PART_TEXT)->text = message[REFUSAL];
    while (json_next_element(&rest, &call))
        if (!read_call(reader, call, why))
            return false;
    read_function_call(reader, message[FUNCTION_CALL]);
    return true;
}

/* ---- the others ---- */

static bool read_result(struct reader *reader, const struct json_value *message, struct json_value id,
                        struct failure *why)
{
    struct conversation *conversation = reader->conversation;
    struct turn *last = conversation->last;
    bool continues = last && last->role == TURN_USER && last->last && last->last->kind == PART_RESULT;
    if (!is_filled(id))
        return refuse_at(&reader->place, why, "a message of a tool needs its \"tool_call_id\"");
    reader->turn = continues ? last : conversation_add(conversation, TURN_USER, reader->place.index);
    reader->result = turn_add(conversation->arena, reader->turn, PART_RESULT);
    reader->result->id = id;
    reader->result->cache_control = message[CACHE_CONTROL];
    bool good = read_content(reader, message[CONTENT], why);
    reader->result = NULL;
    return good;
}

static bool read_message(struct reader *reader, struct json_value value, struct failure *why)
{
    static const char *const roles[] = {"user", "system", "developer", "assistant", "tool", "function"};
    struct json_value message[MEMBERS];
    if (!read_members(&reader->place, value, names, MEMBERS, message, why))
        return false;
    switch (word_index(message[ROLE], roles, COUNT(roles))) {
    case 0:
        reader->turn = conversation_add(reader->conversation, TURN_USER, reader->place.index);
        break;
    case 1:
    case 2:
        reader->turn = conversation_add(reader->conversation, TURN_SYSTEM, reader->place.index);
        break;
    case 3:
        return read_assistant(reader, message, why);
    case 4:
        return read_result(reader, message, message[TOOL_CALL_ID], why);
    case 5:
        return read_result(reader, message, reader->last_function, why);
    default:
        return refuse_at(&reader->place, why, "no such role: %s", shown(&reader->place, message[ROLE]));
    }
    if (!message[CONTENT].at)
        return refuse_at(&reader->place, why, "\"content\" must be a string or a list of parts");
    bool good = read_content(reader, message[CONTENT], why);
    if (reader->turn->last && message[CACHE_CONTROL].at)
        reader->turn->last->cache_control = message[CACHE_CONTROL];
    return good;
}

bool chat_read_messages(struct conversation *conversation, struct json_value messages, struct failure *why)
{
    struct reader reader = {.conversation = conversation, .place = {conversation->arena, "messages", -1}};
    struct json_value rest = json_elements(messages), message;
    if (json_kind(messages) != JSON_ARRAY)
        return refuse_at(&reader.place, why, "must be a list of messages");
    while (json_next_element(&rest, &message)) {
        reader.place.index++;
        if (!read_message(&reader, message, why))
            return false;
    }
    return true;
}
