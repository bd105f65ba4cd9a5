/* Reads the blocks of a message of the Messages API (API reference, "Messages", content). */
#include "protocol/messages/messages_blocks.h"

#include "base/arena.h"
#include "base/failure.h"
#include "protocol/conversation_build.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

struct reader {
    struct conversation *conversation;
    struct turn *turn;
    struct part *result; /* whose content is read; NULL: the turn's own */
    const struct place *place;
};

enum {
    TYPE,
    TEXT,
    SOURCE,
    TITLE,
    ID,
    NAME,
    INPUT,
    TOOL_USE_ID,
    CONTENT,
    IS_ERROR,
    THINKING,
    SIGNATURE,
    DATA,
    CACHE_CONTROL,
    MEMBERS
};

static const char *const names[MEMBERS] = {
    [TYPE] = "type",
    [TEXT] = "text",
    [SOURCE] = "source",
    [TITLE] = "title",
    [ID] = "id",
    [NAME] = "name",
    [INPUT] = "input",
    [CONTENT] = "content",
    [TOOL_USE_ID] = "tool_use_id",
    [IS_ERROR] = "is_error",
    [THINKING] = "thinking",
    [CACHE_CONTROL] = "cache_control",
    [SIGNATURE] = "signature",
    [DATA] = "data",
};

static struct part *add(struct reader *reader, enum part_kind kind, const struct json_value *block)
{
    struct arena *arena = reader->conversation->arena;
    struct part *part = reader->result ? result_add(arena, reader->result, kind)
                                       : turn_add(arena, reader->turn, kind);
    part->cache_control = block[CACHE_CONTROL];
    return part;
}

/* ---- pictures and documents ---- */

static bool read_source(struct reader *reader, struct media *media, struct json_value source,
                        struct failure *why)
{
    enum { KIND, MEDIA_TYPE, BASE64, URL, FILE_ID, SOURCE_MEMBERS };
    static const char *const source_names[SOURCE_MEMBERS] = {"type", "media_type", "data", "url", "file_id"};
    struct arena *arena = reader->conversation->arena;
    struct json_value members[SOURCE_MEMBERS];
    if (!read_members(reader->place, source, source_names, SOURCE_MEMBERS, members, why))
        return false;
    media->type = json_string(arena, members[MEDIA_TYPE], NULL);
    bool is_data = is_word(members[KIND], "base64") || is_word(members[KIND], "text");
    if (is_data && is_filled(members[BASE64])) {
        media->source = is_word(members[KIND], "text") ? MEDIA_TEXT : MEDIA_BASE64;
        media->data = inside_of_string(members[BASE64]);
        return true;
    }
    if (is_word(members[KIND], "url") && is_filled(members[URL])) {
        media_read_url(media, arena, inside_of_string(members[URL]));
        return true;
    }
    return refuse_at(reader->place, why, "the source '%s' has no %s representation",
                     shown(reader->place, members[KIND]), conversation_provider_api(reader->conversation));
}

static bool read_picture(struct reader *reader, const struct json_value *block, struct failure *why)
{
    struct part *part = add(reader, PART_IMAGE, block);
    return read_source(reader, &part->media, block[SOURCE], why);
}

/* A document that is text becomes text; others are files. */
static bool read_document(struct reader *reader, const struct json_value *block, struct failure *why)
{
    struct json_value kind = json_get(block[SOURCE], "type");
    struct part *part = add(reader, PART_FILE, block);
    part->media.title = block[TITLE];
    if (is_word(kind, "content")) {
        struct json_value rest = json_elements(json_get(block[SOURCE], "content")), text;
        part->kind = PART_TEXT;
        part->text = json_get(block[SOURCE], "content");
        if (json_kind(part->text) == JSON_STRING)
            return true;
        for (part->text = (struct json_value){"\"\"", 2}; json_next_element(&rest, &text);)
            if (is_word(json_get(text, "type"), "text"))
                add(reader, PART_TEXT, block)->text = json_get(text, "text");
        return true;
    }
    if (!read_source(reader, &part->media, block[SOURCE], why))
        return false;
    if (part->media.source == MEDIA_TEXT) {
        part->kind = PART_TEXT;
        part->text = json_get(block[SOURCE], "data");
    }
    return true;
}

/* ---- tools and thinking ---- */

static bool read_call(struct reader *reader, const struct json_value *block, struct failure *why)
{
    static const struct json_value none = {0};
    if (!need_text(reader->place, block[ID], "id", why) ||
        !need_text(reader->place, block[NAME], "name", why))
        return false;
    if (block[INPUT].at && json_kind(block[INPUT]) != JSON_OBJECT)
        return refuse_at(reader->place, why, "\"input\" must be an object");
    struct part *part = add(reader, PART_CALL, block);
    part->id = block[ID];
    part->name = conversation_tool_name(reader->conversation, none, block[NAME]);
    part->arguments = block[INPUT].at ? block[INPUT] : (struct json_value){"{}", 2};
    return true;
}

static bool read_list(struct reader *reader, struct json_value content, struct failure *why);

static bool read_result(struct reader *reader, const struct json_value *block, struct failure *why)
{
    if (!need_text(reader->place, block[TOOL_USE_ID], "tool_use_id", why))
        return false;
    struct part *part = add(reader, PART_RESULT, block);
    part->id = block[TOOL_USE_ID];
    part->failed = json_kind(block[IS_ERROR]) == JSON_TRUE;
    struct reader inner = *reader;
    inner.result = part;
    return read_list(&inner, block[CONTENT], why);
}

static bool read_thinking(struct reader *reader, const struct json_value *block)
{
    struct part *part = add(reader, PART_REASONING, block);
    part->text = block[THINKING];
    part->signature = block[SIGNATURE];
    return true;
}

static bool read_opaque(struct reader *reader, const struct json_value *block)
{
    add(reader, PART_OPAQUE, block)->text = block[DATA];
    return true;
}

/* ---- blocks ---- */

/* A result of a search that the client made itself is text. */
static bool read_search_result(struct reader *reader, const struct json_value *block)
{
    struct json_value rest = json_elements(block[CONTENT]), text;
    if (json_kind(block[TITLE]) == JSON_STRING)
        add(reader, PART_TEXT, block)->text = block[TITLE];
    while (json_next_element(&rest, &text))
        if (json_kind(json_get(text, "text")) == JSON_STRING)
            add(reader, PART_TEXT, block)->text = json_get(text, "text");
    return true;
}

/* Blocks that Anthropic's own tools leave behind; the text beside them says what they found. */
static bool is_of_server_tool(struct json_value type)
{
    static const char *const types[] = {"server_tool_use",
                                        "web_search_tool_result",
                                        "web_fetch_tool_result",
                                        "code_execution_tool_result",
                                        "bash_code_execution_tool_result",
                                        "text_editor_code_execution_tool_result",
                                        "tool_search_tool_result",
                                        "mcp_tool_use",
                                        "mcp_tool_result",
                                        "tool_reference",
                                        "compaction"};
    return word_index(type, types, COUNT(types)) < COUNT(types);
}

static bool read_block(struct reader *reader, struct json_value value, struct failure *why)
{
    struct json_value block[MEMBERS];
    if (!read_members(reader->place, value, names, MEMBERS, block, why))
        return false;
    if (is_word(block[TYPE], "text")) {
        if (json_kind(block[TEXT]) != JSON_STRING)
            return refuse_at(reader->place, why, "a text block needs its \"text\"");
        add(reader, PART_TEXT, block)->text = block[TEXT];
        return true;
    }
    if (is_word(block[TYPE], "image"))
        return read_picture(reader, block, why);
    if (is_word(block[TYPE], "document"))
        return read_document(reader, block, why);
    if (is_word(block[TYPE], "tool_use"))
        return read_call(reader, block, why);
    if (is_word(block[TYPE], "tool_result") && !reader->result)
        return read_result(reader, block, why);
    if (is_word(block[TYPE], "thinking"))
        return read_thinking(reader, block);
    if (is_word(block[TYPE], "redacted_thinking"))
        return read_opaque(reader, block);
    if (is_word(block[TYPE], "search_result"))
        return read_search_result(reader, block);
    return is_of_server_tool(block[TYPE]) ||
           refuse_at(reader->place, why, "'%s' has no %s representation", shown(reader->place, block[TYPE]),
                     conversation_provider_api(reader->conversation));
}

static bool read_list(struct reader *reader, struct json_value content, struct failure *why)
{
    struct json_value rest = json_elements(content), block;
    if (json_kind(content) == JSON_STRING) {
        struct json_value none[MEMBERS] = {{0}};
        add(reader, PART_TEXT, none)->text = content;
        return true;
    }
    if (content.at && json_kind(content) != JSON_ARRAY)
        return refuse_at(reader->place, why, "\"content\" must be a string or a list of blocks");
    while (json_next_element(&rest, &block))
        if (!read_block(reader, block, why))
            return false;
    return true;
}

bool messages_read_content(struct conversation *conversation, struct turn *turn, const struct place *place,
                           struct json_value content, struct failure *why)
{
    struct reader reader = {conversation, turn, NULL, place};
    if (!content.at)
        return refuse_at(place, why, "\"content\" must be a string or a list of blocks");
    turn->plain = json_kind(content) == JSON_STRING;
    return read_list(&reader, content, why);
}
