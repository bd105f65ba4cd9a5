/* Reads JSON in place: checks the text once, strictly, and then reads it without a tree and without a copy.
 *
 * The check walks the text byte by byte, following the grammar of RFC 8259. After the check the text is known
 * to be valid, so the end of a value can be found by counting brackets and skipping strings. */
#include "format/json.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "base/base.h"
#include "base/portable.h"
#include "base/utf8.h"
#include "format/json_plain.h"

struct walk {
    const char *at, *end, *start;
    unsigned depth_left;
    enum json_utf8 utf8;
    struct json_fault *fault;
};

static bool fault_at(struct walk *walk, const char *what)
{
    walk->fault->offset = (size_t)(walk->at - walk->start);
    walk->fault->what = walk->at == walk->end ? "the text ends too early" : what;
    return false;
}

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static void skip_space(struct walk *walk)
{
    while (walk->at < walk->end && is_space(*walk->at))
        walk->at++;
}

static bool next_is(const struct walk *walk, char byte)
{
    return walk->at < walk->end && *walk->at == byte;
}

static bool walk_escape(struct walk *walk)
{
    walk->at++;
    if (walk->at == walk->end || !strchr("\"\\/bfnrtu", *walk->at) || !*walk->at)
        return fault_at(walk, "no such escape in a string");
    if (*walk->at++ != 'u')
        return true;
    for (int i = 0; i < 4; i++, walk->at++)
        if (walk->at == walk->end || hex_value(*walk->at) < 0)
            return fault_at(walk, "\\u needs four hexadecimal digits");
    return true;
}

/* True if the byte needs special treatment within a string. */
static bool is_special(char byte)
{
    return (signed char)byte < 0x20 || byte == '"' || byte == '\\';
}

static bool walk_special(struct walk *walk)
{
    unsigned char byte = (unsigned char)*walk->at;
    if (byte == '\\')
        return walk_escape(walk);
    if (byte < 0x20)
        return fault_at(walk, "a control character in a string");
    size_t sequence = utf8_length(walk->at, (size_t)(walk->end - walk->at));
    if (!sequence && walk->utf8 == JSON_UTF8_STRICT)
        return fault_at(walk, "not UTF-8");
    walk->at += sequence ? sequence : 1;
    return true;
}

static void skip_plain(struct walk *walk)
{
    const char *at = walk->at, *end = walk->end;
    while (end - at >= 8 && json_eight_are_plain(at))
        at += 8;
    while (at < end && !is_special(*at))
        at++;
    walk->at = at;
}

static bool walk_string(struct walk *walk)
{
    walk->at++;
    for (;;) {
        skip_plain(walk);
        if (walk->at == walk->end)
            return fault_at(walk, "");
        if (*walk->at == '"')
            break;
        if (!walk_special(walk))
            return false;
    }
    walk->at++;
    return true;
}

static bool walk_digits(struct walk *walk)
{
    if (walk->at == walk->end || !is_digit(*walk->at))
        return fault_at(walk, "a digit is expected");
    while (walk->at < walk->end && is_digit(*walk->at))
        walk->at++;
    return true;
}

static bool walk_number(struct walk *walk)
{
    if (next_is(walk, '-'))
        walk->at++;
    if (next_is(walk, '0'))
        walk->at++;
    else if (!walk_digits(walk))
        return false;
    if (next_is(walk, '.')) {
        walk->at++;
        if (!walk_digits(walk))
            return false;
    }
    if (next_is(walk, 'e') || next_is(walk, 'E')) {
        walk->at++;
        if (next_is(walk, '+') || next_is(walk, '-'))
            walk->at++;
        return walk_digits(walk);
    }
    return true;
}

static bool walk_word(struct walk *walk, const char *word)
{
    for (; *word; word++, walk->at++)
        if (!next_is(walk, *word))
            return fault_at(walk, "no such word in JSON");
    return true;
}

static bool walk_value(struct walk *walk);

static bool walk_member(struct walk *walk)
{
    if (!next_is(walk, '"'))
        return fault_at(walk, "a member's name in quotation marks is expected");
    if (!walk_string(walk))
        return false;
    skip_space(walk);
    if (!next_is(walk, ':'))
        return fault_at(walk, "':' is expected");
    walk->at++;
    return walk_value(walk);
}

/* Walks an object or an array: items between brackets, separated by commas. */
static bool walk_list(struct walk *walk, char close, bool (*item)(struct walk *))
{
    if (walk->depth_left-- == 0)
        return fault_at(walk, "too deeply nested");
    walk->at++;
    skip_space(walk);
    if (!next_is(walk, close)) {
        for (;;) {
            skip_space(walk);
            if (!item(walk))
                return false;
            skip_space(walk);
            if (!next_is(walk, ','))
                break;
            walk->at++;
        }
        if (!next_is(walk, close))
            return fault_at(walk, close == '}' ? "',' or '}' is expected" : "',' or ']' is expected");
    }
    walk->at++;
    walk->depth_left++;
    return true;
}

static bool walk_value(struct walk *walk)
{
    skip_space(walk);
    if (walk->at == walk->end)
        return fault_at(walk, "");
    switch (*walk->at) {
    case '{':
        return walk_list(walk, '}', walk_member);
    case '[':
        return walk_list(walk, ']', walk_value);
    case '"':
        return walk_string(walk);
    case 't':
        return walk_word(walk, "true");
    case 'f':
        return walk_word(walk, "false");
    case 'n':
        return walk_word(walk, "null");
    default:
        if (*walk->at == '-' || is_digit(*walk->at))
            return walk_number(walk);
        return fault_at(walk, "a value is expected");
    }
}

bool json_check(struct json_value text, unsigned depth, enum json_utf8 utf8, struct json_value *root,
                struct json_fault *fault)
{
    struct walk walk = {.at = text.at,
                        .start = text.at,
                        .end = text.at + text.length,
                        .depth_left = depth,
                        .utf8 = utf8,
                        .fault = fault};
    skip_space(&walk);
    const char *start = walk.at;
    if (!walk_value(&walk))
        return false;
    *root = (struct json_value){start, (size_t)(walk.at - start)};
    skip_space(&walk);
    return walk.at == walk.end || fault_at(&walk, "something follows the JSON text");
}

enum json_kind json_kind(struct json_value value)
{
    if (!value.at)
        return JSON_NONE;
    switch (*value.at) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

/* ---- after the check: the text is known to be valid ---- */

/* Returns the end of the string. A quotation mark after an odd number of backslashes is part of the
 * string. */
static const char *after_string(const char *at)
{
    const char *start = at + 1, *quote = at, *slash;
    do {
        slash = quote = rawmemchr(quote + 1, '"');
        while (slash > start && slash[-1] == '\\')
            slash--;
    } while ((quote - slash) % 2);
    return quote + 1;
}

/* How a byte changes the depth of brackets: +1 opens, -1 closes; 2 begins a string. */
static const signed char brackets[256] = {['{'] = 1, ['['] = 1, ['}'] = -1, [']'] = -1, ['"'] = 2};

static const char *after_brackets(const char *at)
{
    size_t open = 0;
    for (;;) {
        signed char change;
        while ((change = brackets[(unsigned char)*at]) == 0)
            at++;
        if (change == 2) {
            at = after_string(at);
            continue;
        }
        at++;
        open += (size_t)(ptrdiff_t)change;
        if (open == 0)
            return at;
    }
}

static const char *after_value(const char *at, const char *end)
{
    if (*at == '"')
        return after_string(at);
    if (*at == '{' || *at == '[')
        return after_brackets(at);
    while (at < end && !is_space(*at) && *at != ',' && *at != '}' && *at != ']')
        at++;
    return at;
}

static void advance(struct json_value *rest, const char *to)
{
    rest->length -= (size_t)(to - rest->at);
    rest->at = to;
}

/* Skips white space and the comma before the next item. Returns false at the closing bracket. */
static bool step_to_item(struct json_value *rest)
{
    if (!rest->at)
        return false;
    const char *end = rest->at + rest->length, *at = rest->at;
    while (at < end && (is_space(*at) || *at == ','))
        at++;
    advance(rest, at);
    return at < end;
}

static struct json_value take_value(struct json_value *rest)
{
    const char *start = rest->at, *end = after_value(start, rest->at + rest->length);
    advance(rest, end);
    return (struct json_value){start, (size_t)(end - start)};
}

static struct json_value between(struct json_value value, char bracket)
{
    if (!value.at || *value.at != bracket)
        return (struct json_value){0};
    return (struct json_value){value.at + 1, value.length - 2};
}

struct json_value json_members(struct json_value object)
{
    return between(object, '{');
}

struct json_value json_elements(struct json_value array)
{
    return between(array, '[');
}

bool json_has_items(struct json_value rest)
{
    return step_to_item(&rest);
}

bool json_next_element(struct json_value *rest, struct json_value *element)
{
    if (!step_to_item(rest))
        return false;
    *element = take_value(rest);
    return true;
}

bool json_next_member(struct json_value *rest, struct json_member *member)
{
    if (!step_to_item(rest))
        return false;
    member->name = take_value(rest);
    const char *at = rest->at;
    while (is_space(*at) || *at == ':')
        at++;
    advance(rest, at);
    member->value = take_value(rest);
    return true;
}
