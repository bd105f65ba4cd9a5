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

#include "base/base.h"

#define MEDIUM_MIN 256 /* bytes of base64; shorter texts count as text */
#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool has_escapes(struct json_value name)
{
    return memchr(name.at, '\\', name.length);
}

/* Some providers ignore the case of names. */
static bool is_named(struct json_value name, const char *const *names, size_t count)
{
    for (size_t i = 0; name.at && i < count; i++) {
        size_t length = strlen(names[i]);
        if (name.length == length + 2 && strncasecmp(name.at + 1, names[i], length) == 0)
            return true;
        if (has_escapes(name) && json_name_is(name, names[i]))
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

static bool is_reference(struct json_value name)
{
    static const char *const ends[] = {"url",    "uri",      "urls",    "uris",    "file_id",
                                       "fileid", "file_ids", "fileids", "file_uri"};
    return name.at && (has_escapes(name) || ends_in(name, ends, COUNT(ends)));
}

/* Members that hold a medium itself, as base64 or by URL, depending on the provider. */
static bool is_medium(struct json_value name)
{
    static const char *const names[] = {"data",  "file_data", "fileData", "b64_json",    "image", "images",
                                        "video", "audio",     "bytes",    "input_image", "mask",  "base64"};
    return is_named(name, names, COUNT(names));
}

static bool begins_with(struct json_value text, const char *words)
{
    size_t length = strlen(words);
    return text.length > length && strncasecmp(text.at + 1, words, length) == 0;
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
    else if (is_reference(name) || (is_medium(name) && begins_with(text, "http")))
        extent->attachments++;
}

/* ---- what the provider adds ---- */

/* A tool with one of these types, or with a function of its own, is run by the client. */
static bool runs_at_client(struct json_value tool)
{
    static const char *const types[] = {"function",    "custom", "namespace",
                                        "local_shell", "shell",  "apply_patch"};
    static const char *const prefixes[] = {"bash", "text_editor", "computer", "memory", "str_replace"};
    static const char *const own[] = {"function", "input_schema", "functionDeclarations",
                                      "function_declarations", "parameters"};
    struct json_value type = json_get(tool, "type"), found[COUNT(own)] = {0};
    for (size_t i = 0; i < COUNT(prefixes); i++)
        if (begins_with(type, prefixes[i]))
            return true;
    if (json_kind(type) == JSON_STRING)
        return is_named(type, types, COUNT(types));
    json_pick(tool, own, COUNT(own), found);
    for (size_t i = 0; i < COUNT(own); i++)
        if (found[i].at)
            return true;
    return false;
}

static bool has_hosted_tool(struct json_value tools)
{
    struct json_value rest = json_elements(tools), tool;
    while (json_next_element(&rest, &tool))
        if (json_kind(tool) == JSON_OBJECT && !runs_at_client(tool))
            return true;
    return false;
}

static bool says_something(struct json_value value)
{
    enum json_kind kind = json_kind(value);
    return value.length > 2 && kind != JSON_NULL && kind != JSON_FALSE;
}

/* Earlier responses, stored prompts, searches and servers of tools, in the words of OpenAI, OpenRouter, xAI,
 * Anthropic, Azure and Alibaba. */
static bool is_hidden(const struct json_member *member)
{
    static const char *const names[] = {
        "previous_response_id", "conversation",   "web_search_options", "search_parameters", "plugins",
        "mcp_servers",          "container",      "data_sources",       "enable_search",     "web_search",
        "cachedContent",        "cached_content",
    };
    static const char *const prompt[] = {"prompt"};
    if (is_named(member->name, prompt, COUNT(prompt)))
        return json_kind(member->value) == JSON_OBJECT;
    return is_named(member->name, names, COUNT(names)) && says_something(member->value);
}

/* ---- the walk ---- */

/* An item of a Responses request that stands for one of an earlier response. */
static bool is_stored_item(struct json_value object)
{
    static const char *const names[] = {"item_reference"};
    return is_named(json_get(object, "type"), names, COUNT(names));
}

static void read_value(struct request_extent *extent, struct json_value name, struct json_value value)
{
    struct json_value rest;
    struct json_member member;
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
        extent->hidden = extent->hidden || is_stored_item(value);
        rest = json_members(value);
        while (json_next_member(&rest, &member))
            read_value(extent, member.name, member.value);
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

/* What stands in "extra_body" some gateways merge into the request. */
static void read_request(struct request_extent *extent, struct json_value object, bool hosted)
{
    static const char *const tools[] = {"tools"}, *const extra[] = {"extra_body"};
    struct json_value rest = json_members(object);
    struct json_member member;
    while (json_next_member(&rest, &member)) {
        if (is_named(member.name, extra, COUNT(extra)))
            read_request(extent, member.value, hosted);
        else if (!is_no_content(member.name))
            read_value(extent, member.name, member.value);
        if (hosted && (is_hidden(&member) ||
                       (is_named(member.name, tools, COUNT(tools)) && has_hosted_tool(member.value))))
            extent->hidden = true;
    }
}

struct request_extent request_extent_read(struct json_value body, bool hosted)
{
    struct request_extent extent = {0};
    read_request(&extent, body, hosted);
    extent.hidden = extent.hidden && hosted;
    return extent;
}
