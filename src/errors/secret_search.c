/* Finds known secrets in a text in the forms in which a provider may repeat them.
 *
 * An encoded secret may stand behind other bytes, as the key in "Basic base64(user:key)" does, so the text is
 * decoded and the secret is searched for in the bytes. */
#include "errors/secret_search.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/memory.h"
#include "base/secret.h"

#define PART_MIN 8        /* bytes of a secret in sequence */
#define WHOLE_MIN 6       /* a shorter secret may occur in decoded bytes by chance */
#define ENCODED_MIN 8     /* characters of a run */
#define RUN_MAX 8192      /* characters of a run that are decoded */
#define DECODINGS 2       /* percent-encoding may be applied twice */
#define BACKSLASHES_MAX 4 /* of JSON in a string in JSON */
#define NOT_A_DIGIT 64    /* of base64 */

static char secret_byte(const struct secret *secret, size_t index, bool backwards)
{
    return ascii_lower(secret->bytes[backwards ? secret->length - 1 - index : index]);
}

/* True if the part is only what all keys of a vendor begin with, which masked keys show: "sk-proj-****". */
static bool is_vendors(const struct secret *secret, size_t from, size_t length)
{
    static const char *const prefixes[] = {"sk-proj-",    "sk-ant-api03-", "sk-or-v1-",
                                           "sk-svcacct-", "sk-admin-",     "github_pat_"};
    for (size_t i = 0; from == 0 && i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(secret->bytes, prefixes[i], length) == 0 && length <= strlen(prefixes[i]))
            return true;
    return false;
}

/* A word of the secret says nothing about it: letters only, between other characters of the secret, and less
 * than half of it. */
static bool is_word_of(const struct secret *secret, size_t from, size_t length, bool backwards)
{
    size_t end = from + length;
    for (size_t i = from; i < end; i++)
        if (!isalpha((unsigned char)secret_byte(secret, i, backwards)))
            return false;
    bool begins = from == 0 || !isalnum((unsigned char)secret_byte(secret, from - 1, backwards));
    bool ends = end == secret->length || !isalnum((unsigned char)secret_byte(secret, end, backwards));
    return begins && ends && 2 * length < secret->length;
}

static size_t common_run(const struct secret *secret, size_t from, bool backwards, const char *at,
                         const char *end)
{
    size_t length = 0;
    while (at + length < end && from + length < secret->length &&
           ascii_lower(at[length]) == secret_byte(secret, from + length, backwards))
        length++;
    return length;
}

/* Returns the longest part of the secret at `at`. */
static size_t part_of(const struct secret *secret, bool backwards, const char *at, const char *end)
{
    size_t longest = 0;
    char first = ascii_lower(*at);
    for (size_t from = 0; from + PART_MIN <= secret->length; from++) {
        if (secret_byte(secret, from, backwards) != first)
            continue;
        size_t length = common_run(secret, from, backwards, at, end);
        bool means_nothing = (!backwards && is_vendors(secret, from, length)) ||
                             is_word_of(secret, from, length, backwards);
        if (length >= PART_MIN && length > longest && !means_nothing)
            longest = length;
    }
    return longest;
}

static bool is_searched(const struct secret *secret)
{
    return secret->bytes && !secret->is_name;
}

struct secret_bytes secret_bytes_of(const struct secrets *known)
{
    struct secret_bytes set = {0};
    for (size_t i = 0; i < known->count; i++)
        for (size_t j = 0; is_searched(&known->items[i]) && j < known->items[i].length; j++)
            set.has[(unsigned char)ascii_lower(known->items[i].bytes[j])] = true;
    return set;
}

/* Most places in a text are ruled out by a byte that no secret has. */
static bool may_be_part(const struct secret_bytes *set, const char *at)
{
    for (size_t i = PART_MIN; i-- > 0;)
        if (!set->has[(unsigned char)ascii_lower(at[i])])
            return false;
    return true;
}

size_t secret_search_part(const struct secrets *known, const struct secret_bytes *set, const char *at,
                          const char *end)
{
    size_t longest = 0;
    if (end - at < PART_MIN || !may_be_part(set, at))
        return 0;
    for (size_t i = 0; i < known->count; i++) {
        const struct secret *secret = &known->items[i];
        if (!is_searched(secret))
            continue;
        size_t forwards = part_of(secret, false, at, end), backwards = part_of(secret, true, at, end);
        size_t length = forwards > backwards ? forwards : backwards;
        longest = length > longest ? length : longest;
    }
    return longest;
}

/* What is searched for. */
struct search {
    const struct secrets *known;
    const struct secret_bytes *set;
};

/* True if the decoded bytes hold a secret or a part of one. */
static bool holds_secret(const struct search *search, const char *bytes, size_t length)
{
    const char *end = bytes + length;
    for (size_t i = 0; i < search->known->count; i++) {
        const struct secret *secret = &search->known->items[i];
        if (secret->length >= WHOLE_MIN && !secret->is_name && length >= secret->length &&
            memmem(bytes, length, secret->bytes, secret->length))
            return true;
    }
    for (const char *at = bytes; end - at >= PART_MIN; at++)
        if (secret_search_part(search->known, search->set, at, end))
            return true;
    return false;
}

static unsigned base64_digit(char byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return (unsigned)(byte - 'A');
    if (byte >= 'a' && byte <= 'z')
        return (unsigned)(byte - 'a' + 26);
    if (byte >= '0' && byte <= '9')
        return (unsigned)(byte - '0' + 52);
    if (byte == '+' || byte == '-')
        return 62;
    return byte == '/' || byte == '_' ? 63 : NOT_A_DIGIT;
}

/* Decodes until the first character that is not a digit. */
static size_t decode_base64(const char *at, const char *end, char *bytes)
{
    unsigned bits = 0, count = 0, digit;
    size_t length = 0;
    for (; at < end && (digit = base64_digit(*at)) < NOT_A_DIGIT; at++) {
        bits = bits << 6 | digit;
        count += 6;
        if (count < 8)
            continue;
        count -= 8;
        bytes[length++] = (char)(bits >> count & 0xff);
    }
    return length;
}

static size_t decode_hex(const char *at, const char *end, char *bytes)
{
    size_t length = 0;
    for (; end - at >= 2 && hex_value(at[0]) >= 0 && hex_value(at[1]) >= 0; at += 2)
        bytes[length++] = (char)(hex_value(at[0]) << 4 | hex_value(at[1]));
    return length;
}

static size_t decode_percent(const char *at, const char *end, char *bytes)
{
    size_t length = 0;
    for (; at < end; at++) {
        bool is_escape = *at == '%' && end - at >= 3 && hex_value(at[1]) >= 0 && hex_value(at[2]) >= 0;
        bytes[length++] = is_escape ? (char)(hex_value(at[1]) << 4 | hex_value(at[2])) : *at;
        at += is_escape ? 2 : 0;
    }
    return length;
}

static bool holds_base64(const struct search *search, const char *at, const char *end, char *bytes)
{
    for (; end - at >= ENCODED_MIN; at++) {
        const char *piece = at;
        while (at < end && base64_digit(*at) < NOT_A_DIGIT)
            at++;
        for (size_t offset = 0; offset < 4 && at - piece >= ENCODED_MIN + (long)offset; offset++)
            if (holds_secret(search, bytes, decode_base64(piece + offset, at, bytes)))
                return true;
    }
    return false;
}

static bool holds_hex(const struct search *search, const char *at, const char *end, char *bytes)
{
    for (; end - at >= ENCODED_MIN; at++) {
        const char *piece = at;
        while (at < end && hex_value(*at) >= 0)
            at++;
        for (size_t offset = 0; offset < 2 && at - piece >= 2 * WHOLE_MIN + (long)offset; offset++)
            if (holds_secret(search, bytes, decode_hex(piece + offset, at, bytes)))
                return true;
    }
    return false;
}

static bool holds_percent(const struct search *search, const char *at, const char *end, char *bytes)
{
    size_t length = (size_t)(end - at);
    if (!memchr(at, '%', length))
        return false;
    memcpy(bytes, at, length);
    for (int i = 0; i < DECODINGS; i++) {
        length = decode_percent(bytes, bytes + length, bytes);
        if (holds_secret(search, bytes, length))
            return true;
    }
    return false;
}

/* ---- escapes and lists of hexadecimal digits ---- */

/* Reads up to `most` digits of a number below 256. Returns their count; 0: none, or no byte. */
static size_t read_byte(const char *at, const char *end, int base, size_t most, char *byte)
{
    unsigned value = 0;
    size_t length = 0;
    for (; length < most && at + length < end; length++) {
        int digit = hex_value(at[length]);
        if (digit < 0 || digit >= base)
            break;
        value = value * (unsigned)base + (unsigned)digit;
    }
    *byte = (char)(value & 0xff);
    return value < 256 ? length : 0;
}

/* Reads the escape of a byte: \x73, \163, \u0073 or \u{73}, after one or more backslashes, &#115; or &#x73;.
 * Returns its length; 0: there is none. */
static size_t read_escape(const char *at, const char *end, char *byte)
{
    const char *from = at;
    while (from < end && from < at + BACKSLASHES_MAX && *from == '\\')
        from++;
    bool backslash = from > at, entity = end - at > 2 && at[0] == '&' && at[1] == '#';
    from += entity ? 2 : 0;
    if (from == end || !(backslash || entity))
        return 0;
    char kind = ascii_lower(*from), close = entity ? ';' : '\0';
    from += kind == 'x' || (backslash && kind == 'u');
    if (backslash && kind == 'u' && from < end && *from == '{') {
        from++;
        close = '}';
    }
    int base = kind == 'x' || kind == 'u' ? 16 : entity ? 10 : 8;
    size_t most = entity || close ? 6
                  : kind == 'x'   ? 2
                  : base == 8     ? 3
                                  : 4,
           length = read_byte(from, end, base, most, byte);
    from += length;
    if (!length || (close && (from == end || *from++ != close)))
        return 0;
    return (size_t)(from - at);
}

/* Decodes a run of escapes and of characters that stand for themselves. Returns the bytes' count; `*read` is
 * the length of the run, 0 if it has no escape. */
static size_t decode_escapes(const char *at, const char *end, char *bytes, size_t *read)
{
    const char *from = at;
    size_t count = 0, escapes = 0;
    while (from < end && secret_search_in_run(*from))
        from++;
    *read = 0;
    if (from == end || (*from != '\\' && *from != '&'))
        return 0; /* most runs have no escape */
    for (from = at; from < end && count < RUN_MAX;) {
        size_t length = read_escape(from, end, &bytes[count]);
        escapes += length > 0;
        if (!length && !secret_search_in_run(*from))
            break;
        if (!length)
            bytes[count] = *from;
        from += length ? length : 1;
        count++;
    }
    *read = escapes ? (size_t)(from - at) : 0;
    return count;
}

/* Decodes pairs of digits with one or two separators after each: "73:6b", "73 6b", "0x73, 0x6b". */
static size_t decode_hex_list(const char *at, const char *end, char *bytes, size_t *read)
{
    const char *from = at;
    size_t count = 0;
    *read = 0;
    while (end - from >= 2 && count < RUN_MAX) {
        const char *pair = from;
        if (end - pair >= 4 && pair[0] == '0' && ascii_lower(pair[1]) == 'x')
            pair += 2;
        bool alone = pair + 2 == end || !isalnum((unsigned char)pair[2]);
        if (!alone || read_byte(pair, end, 16, 2, &bytes[count]) != 2)
            break;
        count++;
        *read = (size_t)(pair + 2 - at);
        for (from = pair + 2; from < end && from < pair + 4 && strchr(" \t\n:-,;._|/", *from);)
            from++;
        if (from == pair + 2)
            break;
    }
    return count;
}

size_t secret_search_escaped(const struct secrets *known, const struct secret_bytes *set, const char *at,
                             const char *end, size_t *read)
{
    static size_t (*const decoders[])(const char *, const char *, char *, size_t *) = {decode_escapes,
                                                                                       decode_hex_list};
    const struct search search = {known, set};
    static char bytes[RUN_MAX];
    *read = 0;
    for (size_t i = 0; known->count && i < sizeof decoders / sizeof *decoders; i++) {
        size_t length, count = decoders[i](at, end, bytes, &length);
        bool found = length && count >= WHOLE_MIN && holds_secret(&search, bytes, count);
        memset(bytes, 0, count);
        if (found)
            return length;
        *read = length > *read ? length : *read;
    }
    return 0;
}

bool secret_search_in_run(char byte)
{
    return isalnum((unsigned char)byte) || (byte && strchr("+/=-_%.~", byte));
}

size_t secret_search_encoded(const struct secrets *known, const struct secret_bytes *set, const char *at,
                             const char *end)
{
    const struct search search = {known, set};
    static char bytes[RUN_MAX];
    size_t length = 0;
    while (at + length < end && secret_search_in_run(at[length]))
        length++;
    size_t read = length < RUN_MAX ? length : RUN_MAX;
    if (read < ENCODED_MIN || !known->count)
        return 0;
    const char *stop = at + read;
    bool found = holds_base64(&search, at, stop, bytes) || holds_hex(&search, at, stop, bytes) ||
                 holds_percent(&search, at, stop, bytes);
    memset(bytes, 0, read);
    return found ? length : 0;
}
