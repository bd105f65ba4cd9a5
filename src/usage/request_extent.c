/* How large the prompt of a request may be for its provider, as far as the request shows it.
 *
 * The dialects have dozens of kinds of content parts, and providers add more. So parts are recognised by what
 * their members are called, wherever they are: a member that ends in "url" or "uri" is a reference, one that
 * ends in "file_id" is one, and so is one whose name has escapes, which no honest client writes. A long text
 * in base64 is a medium. What is no reference after all makes a reservation too large, never too small. */
#include "usage/request_extent.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/base.h"
#include "format/plain_name.h"

#define DEPTH_MAX 8
#define MEDIUM_MIN 256 /* bytes of base64; shorter texts count as text */
#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool has_escapes(struct json_value name)
{
    return memchr(name.at, '\\', name.length);
}

/* Some providers ignore the case of names. */
static bool is_named(struct json_value name, const char *const *names, size_t count)
{
    bool escaped = name.at && has_escapes(name);
    char first = name.at ? ascii_lower(name.at[1]) : '\0';
    for (size_t i = 0; name.at && i < count; i++) {
        if (!escaped && first != ascii_lower(*names[i]))
            continue; /* most names differ in their first letter */
        size_t length = strlen(names[i]);
        if (name.length == length + 2 && strncasecmp(name.at + 1, names[i], length) == 0)
            return true;
        if (escaped && json_name_is(name, names[i]))
            return true;
    }
    return false;
}

/* ---- references and media ---- */

/* True if a member's name ends in one of the words. */
static bool ends_in(struct json_value name, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(words[i]);
        if (name.length >= length + 2 &&
            strncasecmp(name.at + name.length - 1 - length, words[i], length) == 0)
            return true;
    }
    return false;
}

/* The ids of calls and messages, which the request shows, end in "id" as well. */
static bool is_reference(struct json_value name)
{
    static const char *const ends[] = {"url",       "uri",     "urls",     "uris",     "file_id",  "fileid",
                                       "file_ids",  "fileids", "image_id", "imageid",  "video_id", "videoid",
                                       "audio_id",  "audioid", "media_id", "mediaid",  "asset_id", "assetid",
                                       "image_ids", "ment_id", "mentid",   "ment_ids", "mentids"};
    return name.at && (has_escapes(name) ||
                       (strchr("lisdLISD", name.at[name.length - 2]) && ends_in(name, ends, COUNT(ends))));
}

/* Members that hold a medium itself, as base64, by URL or by id, depending on the provider. */
static bool is_medium(struct json_value name)
{
    static const char *const names[] = {"data",   "file_data", "fileData",    "b64_json", "image",
                                        "images", "video",     "audio",       "bytes",    "input_image",
                                        "mask",   "base64",    "file",        "files",    "document",
                                        "videos", "audios",    "input_audio", "media",    "src"};
    return is_named(name, names, COUNT(names));
}

static bool begins_with(struct json_value text, const char *words)
{
    size_t length = strlen(words);
    return text.length > length && strncasecmp(text.at + 1, words, length) == 0;
}

/* "https://...", "gs://...", "file-abc": what a medium may be named by. */
static bool is_locator(struct json_value text)
{
    static const char ids[] = "file";
    size_t scheme = 0, length = min_size(text.length - 2, 16);
    while (scheme < length && text.at[1 + scheme] != ':')
        scheme++;
    bool has_scheme = text.length > scheme + 4 && text.at[1 + scheme] == ':' &&
                      strchr("/\\", text.at[2 + scheme]);
    return has_scheme || (begins_with(text, ids) && text.length > 6 && strchr("-_", text.at[5]));
}

/* Text in base64 has no blanks; its first bytes tell. Slashes may be escaped. */
static bool is_base64(struct json_value text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=\\";
    if (text.length < MEDIUM_MIN)
        return false;
    for (size_t i = 1; i < MEDIUM_MIN; i++)
        if (!strchr(letters, text.at[i]))
            return false;
    return true;
}

static void add_medium(struct request_extent *extent, struct json_value text, size_t head)
{
    int64_t length = (int64_t)(text.length - head);
    extent->media++;
    extent->written += length;
    extent->media_bytes += length / 4 * 3;
}

static void read_string(struct request_extent *extent, struct json_value name, struct json_value text)
{
    const char *comma = begins_with(text, "data:") ? memchr(text.at, ',', text.length) : NULL;
    if (text.length <= 2)
        return;
    if (comma)
        add_medium(extent, text, (size_t)(comma - text.at));
    else if (is_medium(name) && is_base64(text))
        add_medium(extent, text, 0);
    else if (is_reference(name) || (is_medium(name) && is_locator(text)))
        extent->attachments++;
}

/* ---- what the provider adds ---- */

static bool says_something(struct json_value value)
{
    struct json_value rest = json_elements(value), element;
    int64_t number;
    switch (json_kind(value)) {
    case JSON_OBJECT: /* also an empty one: all is as the provider chooses */
    case JSON_TRUE:
        return true;
    case JSON_ARRAY:
        return json_next_element(&rest, &element);
    case JSON_STRING:
        return value.length > 2;
    case JSON_NUMBER:
        return !json_integer(value, &number) || number;
    default:
        return false;
    }
}

/* A tool with such a type is run by the client. */
static bool is_type_of_client(struct json_value type)
{
    static const char *const types[] = {"function",    "custom", "namespace",
                                        "local_shell", "shell",  "apply_patch"};
    static const char *const prefixes[] = {"bash", "text_editor", "computer", "memory", "str_replace"};
    for (size_t i = 0; i < COUNT(prefixes); i++)
        if (begins_with(type, prefixes[i]))
            return true;
    return is_named(type, types, COUNT(types));
}

/* A tool without a type is run by the client if it has a function of its own, and nothing beside that may be
 * a tool of the provider, as in {"functionDeclarations": [...], "googleSearch": {}}. Of several types one may
 * be the provider's. */
static bool runs_at_client(struct json_value tool)
{
    static const char *const type[] = {"type"};
    static const char *const own[] = {"function", "input_schema", "functionDeclarations",
                                      "function_declarations", "parameters"};
    static const char *const beside[] = {"cache_control", "annotations", "metadata"};
    struct json_value rest = json_members(tool);
    struct json_member member;
    bool has_type = false, has_own = false, has_more = false;
    while (json_next_member(&rest, &member)) {
        if (is_named(member.name, type, COUNT(type)) && json_kind(member.value) == JSON_STRING) {
            if (!is_type_of_client(member.value))
                return false;
            has_type = true;
        } else if (is_named(member.name, own, COUNT(own)))
            has_own = true;
        else
            has_more = has_more || (json_kind(member.value) == JSON_OBJECT &&
                                    !is_named(member.name, beside, COUNT(beside)));
    }
    return has_type || (has_own && !has_more);
}

/* A tool that is a text, such as "web_search", is the provider's. */
static bool has_hosted_tool(struct json_value tools)
{
    struct json_value rest = json_elements(tools), tool;
    while (json_next_element(&rest, &tool))
        if ((json_kind(tool) == JSON_OBJECT && !runs_at_client(tool)) || json_kind(tool) == JSON_STRING)
            return true;
    return false;
}

/* Earlier responses, stored prompts, searches and servers of tools, in the words of OpenAI, OpenRouter, xAI,
 * Anthropic, Azure, Alibaba and Perplexity. */
static bool is_hidden(const char *name, struct json_value value)
{
    static const char *const words[] = {"search",     "previousresponse", "conversation", "plugin",
                                        "mcpserver",  "container",        "datasource",   "cachedcontent",
                                        "retrieval",  "knowledge",        "grounding",    "compoundcustom",
                                        "vectorstore"};
    bool is_object = json_kind(value) == JSON_OBJECT;
    if (strcmp(name, "prompt") == 0)
        return is_object;
    if (strncmp(name, "disable", 7) == 0 || strcmp(name, "toolchoice") == 0)
        return false;
    if (plain_name_ends(name, "tools"))
        return has_hosted_tool(value);
    for (size_t i = 0; i < COUNT(words); i++)
        if (strstr(name, words[i]))
            return says_something(value);
    return false;
}

/* ---- the walk ---- */

/* An item of a Responses request that stands for one of an earlier response. */
static bool is_stored_item(struct json_value object)
{
    static const char *const names[] = {"item_reference"};
    return is_named(json_get(object, "type"), names, COUNT(names));
}

static void read_value(struct request_extent *extent, struct json_value name, struct json_value value);

/* Labels of an object beside its id, which are no content. */
static bool is_label(struct json_value name)
{
    static const char *const names[] = {"id",     "type",   "status",     "role",      "object",
                                        "format", "detail", "expires_at", "media_type"};
    return is_named(name, names, COUNT(names));
}

static bool has_content(struct json_value value)
{
    struct json_value rest = json_elements(value), element;
    enum json_kind kind = json_kind(value);
    return kind == JSON_OBJECT || (kind == JSON_STRING && value.length > 2) ||
           (kind == JSON_ARRAY && json_next_element(&rest, &element));
}

/* An object that has an id and nothing else stands for what the provider has stored: a recording in chat
 * completions, any item in Responses. */
static void read_object(struct request_extent *extent, struct json_value name, struct json_value object)
{
    static const char *const id[] = {"id"};
    struct json_value rest = json_members(object);
    struct json_member member;
    bool has_id = false, is_shown = false;
    while (json_next_member(&rest, &member)) {
        has_id = has_id || (is_named(member.name, id, COUNT(id)) && json_kind(member.value) == JSON_STRING);
        is_shown = is_shown || (!is_label(member.name) && has_content(member.value));
        read_value(extent, member.name, member.value);
    }
    bool is_stored = (has_id && !is_shown) || is_stored_item(object);
    if (is_stored && is_medium(name))
        extent->attachments++;
    else if (is_stored)
        extent->hidden = true;
}

static void read_value(struct request_extent *extent, struct json_value name, struct json_value value)
{
    struct json_value rest;
    switch (json_kind(value)) {
    case JSON_STRING:
        read_string(extent, name, value);
        break;
    case JSON_ARRAY:
        rest = json_elements(value);
        while (json_next_element(&rest, &value))
            read_value(extent, name, value);
        break;
    case JSON_OBJECT:
        read_object(extent, name, value);
        break;
    default:
        break;
    }
}

/* Members that describe the answer and never hold a part of the prompt. */
static bool is_no_content(struct json_value name)
{
    static const char *const names[] = {"tools",       "functions",
                                        "tool_choice", "response_format",
                                        "metadata",    "client_metadata",
                                        "text",        "user",
                                        "model",       "stop",
                                        "modalities",  "stream_options",
                                        "tool_config", "safety_identifier"};
    return is_named(name, names, COUNT(names));
}

/* The members that hold the prompt. */
static bool is_content(const char *name)
{
    static const char *const names[] = {"messages", "input",        "inputs", "prompt",   "documents",
                                        "contents", "instructions", "system", "question", "query"};
    return plain_name_among(name, names, COUNT(names));
}

/* Objects beside the prompt hold settings, which some gateways merge into the request. */
static void read_request(struct request_extent *extent, struct json_value object, bool hosted, int depth)
{
    struct json_value rest = json_members(object);
    struct json_member member;
    char name[PLAIN_NAME_SIZE];
    while (json_next_member(&rest, &member)) {
        plain_name_of(member.name, name);
        extent->hidden = extent->hidden || (hosted && is_hidden(name, member.value));
        if (is_no_content(member.name))
            continue;
        if (json_kind(member.value) == JSON_OBJECT && !is_content(name) && depth < DEPTH_MAX)
            read_request(extent, member.value, hosted, depth + 1);
        else
            read_value(extent, member.name, member.value);
    }
}

struct request_extent request_extent_read(struct json_value body, bool hosted)
{
    struct request_extent extent = {0};
    read_request(&extent, body, hosted, 0);
    extent.hidden = extent.hidden && hosted;
    return extent;
}
