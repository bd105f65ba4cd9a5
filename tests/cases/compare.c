/* Compares bytes and headers with those that a case expects. */
#include "compare.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/answer.h"
#include "../kit/expand.h"
#include "../kit/text.h"
#include "stage.h"

#define EXCERPT 72

bool matches(const char *text, const char *expression)
{
    regex_t compiled;
    if (regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB) != 0)
        give_up("no regular expression: %s", expression);
    bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
    regfree(&compiled);
    return found;
}

/* Some bytes from `at`, in a form that can be printed. */
static char *excerpt(const char *bytes, size_t length, size_t at)
{
    struct text out = {0};
    for (size_t i = at; i < length && i < at + EXCERPT; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == '\n')
            text_put(&out, "\\n");
        else if (byte < 32 || byte > 126)
            text_format(&out, "\\x%02x", byte);
        else
            text_append(&out, &bytes[i], 1);
    }
    text_put(&out, at >= length ? "(the end)" : at + EXCERPT < length ? "..." : "");
    return out.bytes;
}

void compare_bytes(struct stage *stage, const char *what, const char *wanted, size_t wanted_length,
                   const char *got, size_t length)
{
    size_t at = 0;
    while (at < length && at < wanted_length && wanted[at] == got[at])
        at++;
    if (at == length && at == wanted_length)
        return;
    size_t from = at > 16 ? at - 16 : 0;
    char *want = excerpt(wanted, wanted_length, from), *have = excerpt(got, length, from);
    complain(stage, "%s: %zu bytes wanted, %zu heard, different from byte %zu", what, wanted_length, length,
             at);
    complain(stage, "  from byte %zu wanted %s", from, want);
    complain(stage, "  from byte %zu heard  %s", from, have);
    free(want);
    free(have);
}

static void compare_header(struct stage *stage, const char *what, const char *line, const struct answer *got)
{
    size_t size = strcspn(line, ": ");
    char *name = copy_bytes(line, size), *value = answer_header(got, name);
    const char *rest = line + size;
    if (strcmp(rest, " absent") == 0) {
        if (value)
            complain(stage, "%s: header %s must not be there: %s", what, name, value);
    } else if (!value) {
        complain(stage, "%s: no header %s", what, name);
    } else if (strncmp(rest, ": ", 2) == 0 || strcmp(rest, ":") == 0) {
        const char *wanted = rest + 1 + (rest[1] == ' ');
        if (strcmp(value, wanted) != 0)
            complain(stage, "%s: header %s: wanted \"%s\", heard \"%s\"", what, name, wanted, value);
    } else if (strncmp(rest, " ~ ", 3) == 0) {
        if (!matches(value, rest + 3))
            complain(stage, "%s: header %s: \"%s\" does not match %s", what, name, value, rest + 3);
    } else if (strcmp(rest, " present") != 0) {
        give_up("no comparison: %s", line);
    }
    free(name);
    free(value);
}

void compare_headers(struct stage *stage, const char *what, const char *lines, const struct answer *got)
{
    while (*lines && *lines != '\n') {
        size_t length = strcspn(lines, "\n");
        struct text line = {0};
        expand(&line, lines, length, stage_lookup, stage);
        compare_header(stage, what, line.bytes, got);
        text_free(&line);
        lines += length + (lines[length] == '\n');
    }
}
