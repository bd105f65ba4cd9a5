/* Keys out of texts that people will see.
 *
 * Providers echo what they refuse. A key that we know is found by its bytes; any other by its shape, which
 * errs on the side of too much: a word that looks like a key is of no use to the reader of an error anyway.
 */
#include "redact.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "secret.h"

#define MARK "[redacted]"
#define SECRET_LEAST 6 /* shorter ones would take ordinary words along */

/* How keys of providers begin, and how many bytes at least follow (their documentation of keys). */
static const struct shape {
    const char *prefix;
    size_t least;
} shapes[] = {
    {"sk-", 8},  {"sk_", 8},   {"nvapi-", 6}, {"gsk_", 6},  {"xai-", 8},  {"pplx-", 8},
    {"hf_", 8},  {"r8_", 8},   {"AIza", 20},  {"AKIA", 12}, {"ghp_", 20}, {"github_pat_", 20},
    {"fw_", 12}, {"tgp_", 12}, {"csk-", 12},  {"eyJ", 20},  {"key-", 20}, {"dapi", 28},
};

/* What stands before a value that is to be hidden. */
static const char *const leads[] = {"bearer ", "key=",    "api_key=",    "api-key=",        "apikey=",
                                    "token=",  "secret=", "x-api-key: ", "authorization: ", "password="};

static bool in_key(char byte)
{
    return isalnum((unsigned char)byte) || strchr("-_.~+/=", byte) != NULL;
}

static size_t key_length(const char *at)
{
    size_t length = 0;
    while (at[length] && in_key(at[length]))
        length++;
    return length;
}

/* A sentence may end right behind a key. */
static size_t without_stop(const char *at, size_t length)
{
    while (length && strchr("./=", at[length - 1]))
        length--;
    return length;
}

static size_t shaped_key(const char *at)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        size_t prefix = strlen(shapes[i].prefix);
        if (strncmp(at, shapes[i].prefix, prefix) != 0)
            continue;
        size_t length = without_stop(at, key_length(at));
        if (length >= prefix + shapes[i].least)
            return length;
    }
    return 0;
}

static size_t known_secret(const char *at, const struct secrets *known)
{
    for (size_t i = 0; i < known->count; i++) {
        const struct secret *secret = &known->items[i];
        if (secret->length >= SECRET_LEAST && strncmp(at, secret->bytes, secret->length) == 0)
            return secret->length;
    }
    return 0;
}

/* Everything behind the question mark of a URL: keys travel there. */
static size_t url_query(const char *text, const char *at)
{
    if (*at != '?' || at == text || !in_key(at[-1]))
        return 0;
    const char *start = at;
    while (start > text && !isspace((unsigned char)start[-1]))
        start--;
    bool url = false;
    for (const char *scan = start; scan + 3 <= at && !url; scan++)
        url = memcmp(scan, "://", 3) == 0;
    return url ? strcspn(at, " \t\n\"'<>)]}") : 0;
}

/* The length of a lead at `at`, behind which a value stands. */
static size_t lead_length(const char *text, const char *at)
{
    bool inside_word = at > text && (isalnum((unsigned char)at[-1]));
    for (size_t i = 0; i < sizeof leads / sizeof *leads && !inside_word; i++)
        if (strncasecmp(at, leads[i], strlen(leads[i])) == 0)
            return strlen(leads[i]);
    return 0;
}

/* Replaces `length` bytes at `at` by the mark; returns the byte behind it. */
static char *replace(char *text, size_t size, char *at, size_t length)
{
    size_t tail = strlen(at + length) + 1, mark = strlen(MARK), before = (size_t)(at - text);
    if (before + mark + 1 > size) {
        *at = '\0';
        return at;
    }
    if (before + mark + tail > size)
        tail = size - before - mark;
    memmove(at + mark, at + length, tail);
    memcpy(at, MARK, mark);
    text[size - 1] = '\0';
    return at + mark;
}

void redact(char *text, size_t size, const struct secrets *known)
{
    for (char *at = text; *at;) {
        size_t lead = lead_length(text, at);
        size_t hidden = lead ? without_stop(at + lead, key_length(at + lead)) : 0;
        if (hidden) {
            at = replace(text, size, at + lead, hidden);
            continue;
        }
        hidden = known_secret(at, known);
        if (!hidden && (at == text || !isalnum((unsigned char)at[-1])))
            hidden = shaped_key(at);
        if (!hidden)
            hidden = url_query(text, at);
        at = hidden ? replace(text, size, at, hidden) : at + 1;
    }
}
