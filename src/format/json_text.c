/* Names, strings and numbers of checked JSON. */
#include "format/json.h"

#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/utf8.h"
#include "format/json_internal.h"

#define REPLACEMENT 0xfffdu

static unsigned hex4(const char *at)
{
    return (unsigned)(hex_value(at[0]) << 12 | hex_value(at[1]) << 8 | hex_value(at[2]) << 4 |
                      hex_value(at[3]));
}

/* Decodes an escape; `at` points to its 'u'. A pair of surrogates is one code point (RFC 8259, 7). */
static const char *take_unicode(const char *at, const char *end, unsigned *point)
{
    *point = hex4(at + 1);
    at += 5;
    bool high = *point >= 0xd800 && *point < 0xdc00;
    if (high && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
        unsigned low = hex4(at + 2);
        if (low >= 0xdc00 && low < 0xe000) {
            *point = 0x10000 + ((*point - 0xd800) << 10) + (low - 0xdc00);
            return at + 6;
        }
    }
    if (*point >= 0xd800 && *point < 0xe000)
        *point = REPLACEMENT;
    return at;
}

static char plain_escape(char letter)
{
    static const char letters[] = "bfnrt", bytes[] = "\b\f\n\r\t";
    const char *found = strchr(letters, letter);
    return found ? bytes[found - letters] : letter;
}

const char *json_decode_one(const char *at, const char *end, char **to)
{
    if (*at != '\\') {
        *(*to)++ = *at;
        return at + 1;
    }
    at++;
    if (*at != 'u') {
        *(*to)++ = plain_escape(*at);
        return at + 1;
    }
    unsigned point;
    at = take_unicode(at, end, &point);
    *to = utf8_put(*to, point);
    return at;
}

/* Decoding never makes a string longer. */
char *json_string(struct arena *arena, struct json_value value, size_t *length)
{
    if (json_kind(value) != JSON_STRING)
        return NULL;
    char *text = arena_alloc(arena, value.length), *to = text;
    const char *at = value.at + 1, *end = value.at + value.length - 1;
    while (at < end)
        at = json_decode_one(at, end, &to);
    *to = '\0';
    if (length)
        *length = (size_t)(to - text);
    return text;
}

/* Compares the first byte, in which most names differ. */
static bool begins_alike(struct json_value quoted, const char *name)
{
    char first = quoted.at[1];
    return first == *name || first == '\\';
}

static bool is_name(struct json_value quoted, const char *name)
{
    const char *at = quoted.at + 1, *end = quoted.at + quoted.length - 1;
    size_t length = strlen(name);
    if ((size_t)(end - at) == length && memcmp(at, name, length) == 0)
        return true; /* the names in the code need no escapes */
    if ((size_t)(end - at) <= length || !memchr(at, '\\', (size_t)(end - at)))
        return false;
    char piece[4];
    while (at < end) {
        char *to = piece;
        at = json_decode_one(at, end, &to);
        size_t got = (size_t)(to - piece);
        if (got > length || memcmp(piece, name, got) != 0)
            return false;
        name += got;
        length -= got;
    }
    return length == 0;
}

bool json_name_is(struct json_value quoted, const char *name)
{
    return begins_alike(quoted, name) && is_name(quoted, name);
}

struct json_value json_get(struct json_value object, const char *name)
{
    struct json_value rest = json_members(object);
    struct json_member member;
    while (json_next_member(&rest, &member))
        if (json_name_is(member.name, name))
            return member.value;
    return (struct json_value){0};
}

static void keep_first(const struct json_member *member, const char *const *names, size_t count,
                       struct json_value *values)
{
    for (size_t i = 0; i < count; i++)
        if (begins_alike(member->name, names[i]) && !values[i].at && is_name(member->name, names[i])) {
            values[i] = member->value;
            return;
        }
}

void json_pick(struct json_value object, const char *const *names, size_t count, struct json_value *values)
{
    struct json_value rest = json_members(object);
    struct json_member member;
    while (json_next_member(&rest, &member))
        keep_first(&member, names, count, values);
}

size_t json_count(struct json_value object, const char *name)
{
    struct json_value rest = json_members(object);
    struct json_member member;
    size_t count = 0;
    while (json_next_member(&rest, &member))
        count += json_name_is(member.name, name);
    return count;
}

bool json_integer(struct json_value value, int64_t *number)
{
    if (json_kind(value) != JSON_NUMBER || value.length > 20)
        return false;
    const char *at = value.at, *end = at + value.length;
    bool negative = *at == '-';
    int64_t sum = 0;
    for (at += negative; at < end; at++) {
        if (*at < '0' || *at > '9')
            return false;
        if (__builtin_mul_overflow(sum, 10, &sum) || __builtin_sub_overflow(sum, *at - '0', &sum))
            return false;
    }
    if (!negative && sum == INT64_MIN)
        return false;
    *number = negative ? sum : -sum;
    return true;
}
