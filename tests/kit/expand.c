/* Replaces ${...} in case files and scripts, so that bytes no editor shows can still be read in a review. */
#include "expand.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

static const struct {
    const char *name, *value;
} characters[] = {{"lf", "\n"}, {"cr", "\r"}, {"crlf", "\r\n"}, {"tab", "\t"}, {"space", " "}, {"join", ""}};

static bool put_character(struct text *out, const char *name)
{
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++)
        if (strcmp(characters[i].name, name) == 0) {
            text_put(out, characters[i].value);
            return true;
        }
    return false;
}

static void put_hex(struct text *out, const char *digits)
{
    char *end;
    for (const char *at = digits; *at; at = end + strspn(end, " ")) {
        char byte = (char)strtol(at, &end, 16);
        if (end == at)
            give_up("${hex %s} is not hexadecimal", digits);
        text_append(out, &byte, 1);
    }
}

static void put_repeated(struct text *out, const char *words)
{
    char *end;
    long count = strtol(words, &end, 10);
    if (end == words || *end != ' ' || count < 0)
        give_up("${repeat %s}: a count, a space and the words are wanted", words);
    for (size_t length = strlen(end + 1); count > 0; count--)
        text_append(out, end + 1, length);
}

static void put_value(struct text *out, const char *name, expand_lookup *lookup, void *context)
{
    if (put_character(out, name))
        return;
    if (strncmp(name, "hex ", 4) == 0)
        put_hex(out, name + 4);
    else if (strncmp(name, "repeat ", 7) == 0)
        put_repeated(out, name + 7);
    else if (!lookup || !lookup(context, name, out))
        give_up("${%s} means nothing here", name);
}

void expand(struct text *out, const char *bytes, size_t length, expand_lookup *lookup, void *context)
{
    const char *end = bytes + length, *at = bytes;
    while (at < end) {
        const char *open = memmem(at, (size_t)(end - at), "${", 2);
        const char *close = open ? memchr(open, '}', (size_t)(end - open)) : NULL;
        if (!close)
            break;
        text_append(out, at, (size_t)(open - at));
        char *name = copy_bytes(open + 2, (size_t)(close - open - 2));
        put_value(out, name, lookup, context);
        at = close + 1;
        if (strcmp(name, "join") == 0 && at < end && *at == '\n')
            at++;
        free(name);
    }
    text_append(out, at, (size_t)(end - at));
}
