/* Any bytes as JSON: accepted JSON can be walked, and stays valid JSON after rules have changed it.
 *
 * Rules of a provider change members at the top level of a request; the bytes in between must survive. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "format/json.h"
#include "format/json_write.h"
#include "format/splice.h"
#include "fuzz.h"
#include "usage/provider_json.h"
#include "usage/token_usage.h"

#define DEPTH 32
#define WALKED_MAX 4096

static size_t walked;

static void must_be_inside(struct json_value outer, struct json_value inner)
{
    must(inner.at >= outer.at && inner.at + inner.length <= outer.at + outer.length,
         "a part lies in its whole");
    must(inner.length > 0, "a value has bytes");
}

static void walk(struct arena *arena, struct json_value value, unsigned depth);

static void walk_members(struct arena *arena, struct json_value object, unsigned depth)
{
    struct json_value rest = json_members(object);
    struct json_member member;
    while (json_next_member(&rest, &member)) {
        size_t length;
        must_be_inside(object, member.name);
        must_be_inside(object, member.value);
        char *name = json_string(arena, member.name, &length);
        must(name, "a name is a string");
        if (strlen(name) == length)
            must(json_count(object, name) >= 1 && json_get(object, name).at, "a member is found by its name");
        walk(arena, member.value, depth + 1);
    }
}

static void walk_elements(struct arena *arena, struct json_value array, unsigned depth)
{
    struct json_value rest = json_elements(array), element;
    while (json_next_element(&rest, &element)) {
        must_be_inside(array, element);
        walk(arena, element, depth + 1);
    }
}

static void walk(struct arena *arena, struct json_value value, unsigned depth)
{
    must(depth <= DEPTH, "it is no deeper than was allowed");
    if (++walked > WALKED_MAX)
        return;
    int64_t number;
    enum json_kind kind = json_kind(value);
    must(value.at && kind != JSON_NONE, "its kind is known");
    must((json_string(arena, value, NULL) != NULL) == (kind == JSON_STRING), "strings are strings");
    must(!json_integer(value, &number) || kind == JSON_NUMBER, "numbers are numbers");
    walk_members(arena, value, depth);
    walk_elements(arena, value, depth);
}

/* A decoded string, written as JSON and decoded again, is the same. */
static void must_return(struct arena *arena, struct json_value value)
{
    size_t length, again_length;
    char *text = json_string(arena, value, &length);
    struct buffer quoted;
    buffer_init(&quoted, 8 * value.length + 16);
    must(!text || json_quote(&quoted, text, length), "a string can be written");
    struct json_value root;
    struct json_fault fault;
    if (text) {
        must(json_check((struct json_value){quoted.bytes, quoted.length}, 1, JSON_UTF8_STRICT, &root, &fault),
             "what is written is JSON");
        char *again = json_string(arena, root, &again_length);
        must(again_length == length && memcmp(again, text, length) == 0, "and says the same");
    }
    buffer_free(&quoted);
}

static bool change(struct splice *splice, const char *name, char how)
{
    struct splice_member *member;
    struct failure why;
    if (!splice_find(splice, name, &member, &why))
        return false;
    if (how == 's' || !member)
        splice_set(splice, member, name, "{\"x\":[1]}");
    else if (how == 'd')
        member->dropped = true;
    else
        member->new_name = "\"renamed\"";
    return true;
}

static void put_together(const struct splice *splice, struct buffer *text)
{
    struct json_value *pieces;
    size_t count = splice_pieces(splice, &pieces);
    for (size_t i = 0; i < count; i++)
        must(buffer_append(text, pieces[i].at, pieces[i].length), "a changed text is little longer");
}

/* Drops, renames and sets a few members by the bits of `choice`. */
static void splice_text(struct arena *arena, struct json_value text, unsigned choice)
{
    static const char *const names[] = {"model", "stream_options", "max_tokens", "a", "reasoning", "stream"};
    struct splice splice;
    struct failure why;
    if (!splice_open(&splice, arena, text, DEPTH, &why))
        return;
    bool good = true, changed = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++, choice >>= 2)
        if (choice & 3 && good) {
            good = change(&splice, names[i], " sdr"[choice & 3]);
            changed = true;
        }
    struct buffer result;
    buffer_init(&result, text.length + 1024);
    put_together(&splice, &result);
    struct json_value root;
    struct json_fault fault;
    must(json_check((struct json_value){result.bytes, result.length}, DEPTH + 3, JSON_UTF8_STRICT, &root,
                    &fault),
         "what was changed is JSON still");
    must(changed || (result.length == text.length && memcmp(result.bytes, text.at, text.length) == 0),
         "what was not changed is as it came");
    buffer_free(&result);
}

/* Reads the value as a provider's answer. */
static void look(struct json_value root)
{
    struct token_usage usage = token_usage_unknown();
    struct provider_json answer = provider_json_read(root);
    enum usage_reading reading = token_usage_read(&answer, &usage);
    must(reading < USAGE_PROMPT || usage.source == USAGE_PROVIDER, "counts have a source");
    bool can_be = json_kind(root) == JSON_OBJECT || json_kind(root) == JSON_ARRAY;
    must(!provider_json_has_choices(&answer) || can_be, "choices are an object's");
    must(!provider_json_is_error(&answer) || can_be, "an error is an object, or in an array");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct json_value text = {(const char *)bytes, size}, root;
    struct json_fault fault;
    struct arena *arena = arena_create();
    walked = 0;
    if (json_check(text, DEPTH, JSON_UTF8_STRICT, &root, &fault))
        must_return(arena, root);
    if (json_check(text, DEPTH, JSON_UTF8_ANY, &root, &fault)) {
        must_be_inside(text, root);
        walk(arena, root, 0);
        look(root);
        splice_text(arena, text, (unsigned)(size * 2654435761U));
    } else
        must(fault.offset <= size && fault.what && *fault.what, "a fault has a place and a name");
    arena_destroy(arena);
    return 0;
}
