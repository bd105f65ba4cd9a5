/* Finds the members that another parser may take for one of those that a rule reads.
 *
 * The gateway judges a request by the members that it finds, while the provider obeys those that its own
 * parser finds. Parsers differ in three ways: of two members with one name some take the first, some the
 * last; some compare names without case; and those in C end a name at U+0000. */
#include "format/json_name.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/failure.h"
#include "format/fold.h"
#include "format/json_internal.h"

#define NAME_MAX_BYTES 384 /* of a decoded name; longer ones are none of ours */
#define SHOWN_MAX 60

/* ---- comparing ---- */

/* A decoded name, without U+0000. */
struct decoded {
    const char *text;
    size_t length;
    size_t before_nul; /* bytes before the first U+0000 */
    bool has_nul, fits;
};

/* Decodes into `room`; a name without escapes stays where it is. */
static struct decoded decode(struct json_value quoted, char room[static NAME_MAX_BYTES])
{
    const char *at = quoted.at + 1, *end = quoted.at + quoted.length - 1;
    struct decoded name = {.text = at, .length = (size_t)(end - at), .fits = true};
    if (!memchr(at, '\\', name.length))
        return name;
    name.text = room;
    name.length = 0;
    while (at < end && name.fits) {
        char *to = room + name.length;
        at = json_decode_one(at, end, &to);
        if (room[name.length] == '\0') {
            name.before_nul = name.has_nul ? name.before_nul : name.length;
            name.has_nul = true;
            continue;
        }
        name.length = (size_t)(to - room);
        name.fits = name.length + 4 <= NAME_MAX_BYTES;
    }
    return name;
}

/* Most names differ in their first letter. */
static bool begins_otherwise(const struct decoded *decoded, const char *name)
{
    unsigned char first = decoded->length ? (unsigned char)*decoded->text : 0x80;
    return first < 0x80 && ascii_lower((char)first) != ascii_lower(*name);
}

static enum name_match compare(const struct decoded *decoded, const char *name)
{
    if (begins_otherwise(decoded, name))
        return NAME_OTHER;
    size_t length = strlen(name);
    bool same = decoded->length == length && memcmp(decoded->text, name, length) == 0;
    if (decoded->has_nul)
        return fold_equal(decoded->text, decoded->before_nul, name) ||
                       fold_equal(decoded->text, decoded->length, name)
                   ? NAME_WITH_NUL
                   : NAME_OTHER;
    if (same)
        return NAME_SAME;
    return fold_equal(decoded->text, decoded->length, name) ? NAME_FOLDED : NAME_OTHER;
}

size_t json_name_find(struct json_value quoted, const char *const *names, size_t count,
                      enum name_match *match)
{
    char room[NAME_MAX_BYTES];
    struct decoded decoded = decode(quoted, room);
    *match = NAME_OTHER;
    if (!decoded.fits && !decoded.has_nul)
        return count;
    for (size_t i = 0; i < count; i++)
        if ((*match = compare(&decoded, names[i])) != NAME_OTHER)
            return i;
    return count;
}

enum name_match json_name_match(struct json_value quoted, const char *name)
{
    enum name_match match;
    char first = quoted.at[1];
    bool plain = first != '\\' && (unsigned char)first < 0x80;
    if (plain && (first | 0x20) != (*name | 0x20)) /* most names differ in their first letter */
        return NAME_OTHER;
    if (strlen(name) > NAME_MAX_BYTES / 4)
        return json_name_is(quoted, name) ? NAME_SAME : NAME_OTHER;
    json_name_find(quoted, &name, 1, &match);
    return match;
}

bool json_has_nul(struct json_value string)
{
    const char *at = string.at + 1, *end = string.at + string.length - 1;
    while (json_kind(string) == JSON_STRING && (at = memchr(at, '\\', (size_t)(end - at)))) {
        if (at[1] == 'u' && memcmp(at + 2, "0000", 4) == 0)
            return true;
        at += 2;
    }
    return false;
}

/* ---- refusing ---- */

bool json_name_refuse(struct json_value quoted, const char *name, enum name_match match, const char *text,
                      struct failure *why)
{
    char offset[32] = "";
    int shown = quoted.length < SHOWN_MAX ? (int)quoted.length : SHOWN_MAX;
    if (text)
        snprintf(offset, sizeof offset, " at byte %zu", (size_t)(quoted.at - text));
    if (match == NAME_SAME)
        fail(why, FAILURE_BAD_REQUEST, "the member \"%s\" is given twice, again%s", name, offset);
    else
        fail(why, FAILURE_BAD_REQUEST, "the member %.*s%s is \"%s\" for providers that %s", shown, quoted.at,
             offset, name, match == NAME_FOLDED ? "ignore case" : "end a name at U+0000");
    if (why)
        snprintf(why->param, sizeof why->param, "%s", name);
    return false;
}
