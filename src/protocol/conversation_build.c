/* Builds a conversation while a dialect's request is read, and puts it in order afterwards. */
#include "protocol/conversation_build.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/digest.h"
#include "format/json_write.h"
#include "format/splice.h"
#include "protocol/json_members.h"
#include "protocol/json_pieces.h"

#define TOOL_NAME_MAX 64 /* of chat completions, the shortest of all dialects */
#define HASH_DIGITS 8

/* ---- texts ---- */

static struct json_value quote_bytes(struct arena *arena, const char *bytes, size_t length)
{
    struct buffer quoted;
    struct json_value value = {"\"\"", 2};
    buffer_init(&quoted, 6 * length + 2);
    if (json_quote(&quoted, bytes, length))
        value = (struct json_value){arena_copy(arena, quoted.bytes, quoted.length), quoted.length};
    buffer_free(&quoted);
    return value;
}

struct json_value quote_text(struct arena *arena, const char *text)
{
    return quote_bytes(arena, text, strlen(text));
}

struct json_value quote_inside(struct arena *arena, const char *inside, size_t length)
{
    char *quoted = arena_alloc(arena, length + 3);
    quoted[0] = quoted[length + 1] = '"';
    if (length)
        memcpy(quoted + 1, inside, length);
    return (struct json_value){quoted, length + 2};
}

struct json_value inside_of_string(struct json_value string)
{
    return is_filled(string) ? (struct json_value){string.at + 1, string.length - 2}
                             : (struct json_value){"", 0};
}

struct place place_of_turn(const struct conversation *conversation, const struct turn *turn)
{
    return (struct place){conversation->arena, conversation->list, turn ? turn->index : -1};
}

/* ---- turns ---- */

const char *conversation_provider_api(const struct conversation *conversation)
{
    static const char *const names[API_COUNT] = {"Chat Completions", "Responses", "Messages", "Gemini"};
    return names[conversation->provider];
}

void conversation_open(struct conversation *conversation, struct arena *arena, enum api client,
                       enum api provider, struct json_value body)
{
    *conversation = (struct conversation){
        .arena = arena,
        .client = client,
        .provider = provider,
        .body = body,
        .list = client == API_RESPONSES ? "input" : "messages",
    };
    conversation->order = arena_alloc(arena, SPLICE_MEMBERS_MAX * sizeof *conversation->order);
}

struct turn *conversation_add(struct conversation *conversation, enum turn_role role, int index)
{
    struct turn *turn = arena_alloc(conversation->arena, sizeof *turn);
    turn->role = role;
    turn->index = index;
    if (conversation->last)
        conversation->last->next = turn;
    else
        conversation->turns = turn;
    conversation->last = turn;
    return turn;
}

struct turn *conversation_continue(struct conversation *conversation, enum turn_role role, int index)
{
    struct turn *last = conversation->last;
    return last && last->role == role ? last : conversation_add(conversation, role, index);
}

static void append_part(struct turn *turn, struct part *part)
{
    part->next = NULL;
    if (turn->last)
        turn->last->next = part;
    else
        turn->parts = part;
    turn->last = part;
}

struct part *turn_add(struct arena *arena, struct turn *turn, enum part_kind kind)
{
    struct part *part = arena_alloc(arena, sizeof *part);
    part->kind = kind;
    append_part(turn, part);
    return part;
}

struct part *result_add(struct arena *arena, struct part *result, enum part_kind kind)
{
    struct part *part = arena_alloc(arena, sizeof *part), **end = &result->content;
    part->kind = kind;
    while (*end)
        end = &(*end)->next;
    *end = part;
    return part;
}

void conversation_say(struct conversation *conversation, enum said which, const struct json_member *member)
{
    if (which != SAID_OTHER)
        conversation->said[which] = member->value;
    if (conversation->order_count < SPLICE_MEMBERS_MAX)
        conversation->order[conversation->order_count++] = (struct said_member){which, member->name,
                                                                                member->value};
}

/* ---- names of tools ---- */

static bool is_name_letter(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || is_digit(letter) ||
           letter == '_' || letter == '-';
}

static bool is_valid_name(const char *name)
{
    size_t length = 0;
    while (name[length] && is_name_letter(name[length]))
        length++;
    return length && length <= TOOL_NAME_MAX && !name[length];
}

/* Replaces what a name must not have, and tells names apart that become the same by a digest of the whole. */
static const char *make_valid(struct arena *arena, const char *name)
{
    char valid[TOOL_NAME_MAX + 1], digits[2 * DIGEST_BYTES + 1];
    unsigned char digest[DIGEST_BYTES];
    size_t length = 0;
    digest_sha256(name, strlen(name), digest);
    for (size_t i = 0; i < HASH_DIGITS / 2; i++)
        snprintf(digits + 2 * i, 3, "%02x", digest[i]);
    for (; name[length] && length < TOOL_NAME_MAX - HASH_DIGITS - 1; length++)
        valid[length] = is_name_letter(name[length]) ? name[length] : '_';
    snprintf(valid + length, sizeof valid - length, "_%.*s", HASH_DIGITS, digits);
    return arena_copy(arena, valid, strlen(valid));
}

static const char *flat_name(const struct conversation *conversation, struct json_value group,
                             struct json_value name)
{
    struct arena *arena = conversation->arena;
    const char *own = json_string(arena, name, NULL), *space = json_string(arena, group, NULL);
    if (space)
        own = arena_format(arena, "%s__%s", space, own ? own : "");
    return own ? own : "";
}

static bool is_same(struct json_value one, struct json_value other)
{
    return one.length == other.length && (!one.length || memcmp(one.at, other.at, one.length) == 0);
}

/* True if a tool of another name already has this one. */
static bool is_taken(const struct conversation *conversation, struct json_value name)
{
    for (const struct tool *tool = conversation->tools; tool; tool = tool->next)
        if (is_same(tool->name, name))
            return true;
    return false;
}

struct tool *conversation_add_tool(struct conversation *conversation, struct json_value group,
                                   struct json_value name)
{
    struct arena *arena = conversation->arena;
    struct tool *tool = arena_alloc(arena, sizeof *tool);
    const char *flat = flat_name(conversation, group, name);
    tool->own_name = name;
    tool->own_group = group;
    tool->name = is_valid_name(flat) ? quote_text(arena, flat) : quote_text(arena, make_valid(arena, flat));
    if (group.at && is_taken(conversation, tool->name))
        tool->name = quote_text(arena, make_valid(arena, arena_format(arena, "%s\n%s", flat, "namespace")));
    if (conversation->last_tool)
        conversation->last_tool->next = tool;
    else
        conversation->tools = tool;
    conversation->last_tool = tool;
    return tool;
}

static const struct tool *own_tool(const struct conversation *conversation, struct json_value group,
                                   struct json_value name)
{
    struct arena *arena = conversation->arena;
    const char *own = json_string(arena, name, NULL), *space = json_string(arena, group, NULL);
    for (const struct tool *tool = conversation->tools; own && tool; tool = tool->next)
        if (json_name_is(tool->own_name, own) &&
            (space ? tool->own_group.at && json_name_is(tool->own_group, space) : !tool->own_group.at))
            return tool;
    return NULL;
}

bool conversation_has_tool(const struct conversation *conversation, struct json_value group,
                           struct json_value name)
{
    return own_tool(conversation, group, name);
}

struct json_value conversation_tool_name(const struct conversation *conversation, struct json_value group,
                                         struct json_value name)
{
    struct arena *arena = conversation->arena;
    const struct tool *tool = own_tool(conversation, group, name);
    if (tool)
        return tool->name;
    const char *flat = flat_name(conversation, group, name);
    return is_valid_name(flat) ? quote_text(arena, flat) : quote_text(arena, make_valid(arena, flat));
}

const struct tool *conversation_find_tool(const struct conversation *conversation, const char *inside,
                                          size_t length)
{
    for (const struct tool *tool = conversation->tools; tool; tool = tool->next)
        if (tool->name.length == length + 2 && memcmp(tool->name.at + 1, inside, length) == 0)
            return tool;
    return NULL;
}

/* ---- the order of results ---- */

/* Takes the first result of the call out of the turn. */
static struct part *take_result(struct turn *turn, struct json_value id)
{
    struct part *before = NULL;
    for (struct part *part = turn->parts; part; before = part, part = part->next) {
        if (part->kind != PART_RESULT || !is_same(part->id, id))
            continue;
        if (before)
            before->next = part->next;
        else
            turn->parts = part->next;
        if (turn->last == part)
            turn->last = before;
        return part;
    }
    return NULL;
}

static bool has_call(const struct turn *turn, struct json_value id)
{
    for (const struct part *part = turn->parts; part; part = part->next)
        if (part->kind == PART_CALL && is_same(part->id, id))
            return true;
    return false;
}

/* Moves the results of the turn's calls, in their own order, into a turn of the user behind it. */
static struct turn *gather_results(struct conversation *conversation, struct turn *turn)
{
    struct turn *gathered = NULL;
    for (struct turn *later = turn->next; later; later = later->next)
        for (struct part *part = later->parts, *next; part; part = next) {
            next = part->next;
            if (part->kind != PART_RESULT || !has_call(turn, part->id))
                continue;
            if (!gathered) {
                gathered = arena_alloc(conversation->arena, sizeof *gathered);
                *gathered = (struct turn){.role = TURN_USER, .index = later->index, .had_results = true};
            }
            append_part(gathered, take_result(later, part->id));
        }
    if (!gathered)
        return turn;
    gathered->next = turn->next;
    turn->next = gathered;
    return gathered;
}

/* Makes a text of a result. Pictures in it stay pictures. */
static void tell_result(struct conversation *conversation, struct turn *turn, struct part *result)
{
    struct part *content = result->content, *rest = result->next;
    *result = (struct part){.kind = PART_TEXT,
                            .text = quote_text(conversation->arena, "[Result of an earlier tool call]"),
                            .next = content ? content : rest};
    while (content && content->next)
        content = content->next;
    if (content)
        content->next = rest;
    for (turn->last = turn->parts; turn->last->next;)
        turn->last = turn->last->next;
}

static void drop_empty_turns(struct conversation *conversation)
{
    struct turn *before = NULL;
    for (struct turn *turn = conversation->turns; turn; turn = turn->next) {
        bool emptied = !turn->parts && turn->role == TURN_USER && turn->had_results;
        if (emptied && before)
            before->next = turn->next;
        else if (emptied)
            conversation->turns = turn->next;
        else
            before = turn;
    }
    conversation->last = before;
}

void conversation_settle(struct conversation *conversation)
{
    for (struct turn *turn = conversation->turns; turn; turn = turn->next)
        for (const struct part *part = turn->parts; part; part = part->next)
            turn->had_results = turn->had_results || part->kind == PART_RESULT;
    for (struct turn *turn = conversation->turns; turn; turn = turn->next) {
        if (turn->role == TURN_ASSISTANT) {
            turn = gather_results(conversation, turn);
            continue;
        }
        for (struct part *part = turn->parts; part; part = part->next)
            if (part->kind == PART_RESULT)
                tell_result(conversation, turn, part);
    }
    drop_empty_turns(conversation);
}

/* ---- media ---- */

/* Reads "data:TYPE[;PARAMETERS];base64,DATA" (RFC 2397), whose slashes may be escaped. */
void media_read_url(struct media *media, struct arena *arena, struct json_value inside)
{
    const char *comma = memchr(inside.at, ',', inside.length);
    char *head;
    *media = (struct media){
        .source = MEDIA_URL, .data = inside, .title = media->title, .detail = media->detail};
    if (!comma || inside.length < 5 || strncasecmp(inside.at, "data:", 5) != 0)
        return;
    size_t length = (size_t)(comma - inside.at);
    head = json_string(arena, quote_bytes(arena, inside.at + 5, length - 5), NULL);
    char *parameters = strcasestr(head, ";base64");
    if (!parameters)
        return;
    char *to = head;
    for (const char *at = head; *at; at++)
        if (*at != '\\')
            *to++ = *at;
    *to = '\0';
    head[strcspn(head, ";")] = '\0';
    media->source = MEDIA_BASE64;
    media->type = head;
    media->url = inside;
    media->data = (struct json_value){comma + 1, inside.length - length - 1};
}

const char *media_picture_type(const char *type)
{
    static const char *const names[][2] = {{"image/jpeg", "image/jpeg"},  {"image/jpg", "image/jpeg"},
                                           {"image/pjpeg", "image/jpeg"}, {"image/png", "image/png"},
                                           {"image/gif", "image/gif"},    {"image/webp", "image/webp"}};
    for (size_t i = 0; type && i < sizeof names / sizeof *names; i++)
        if (strcasecmp(type, names[i][0]) == 0)
            return names[i][1];
    return NULL;
}
