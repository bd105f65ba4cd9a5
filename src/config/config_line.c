/* One line of a configuration file, as an error message quotes it.
 *
 * Error messages end up in logs and bug reports, so no line may show a key. The file is scanned from its
 * start, because a line may be inside a string or a comment that starts earlier. If a name looks like that of
 * a secret, its value is hidden up to the next semicolon or brace, so that a key without quotation marks is
 * hidden too. A string that contains a @ is hidden, because it may be an address with a password. */
#include "config/config_line.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/portable.h"
#include "config/config_file.h"

struct view {
    const char *at;
    unsigned long line, wanted;
    bool secret; /* the value at `at` is hidden */
    bool dotted; /* "..." has been written in place of the hidden value */
    char *out;
    size_t used;
};

static void put(struct view *view, const char *text, size_t length)
{
    for (size_t i = 0; i < length && view->line == view->wanted && view->used + 1 < CONFIG_LINE_SIZE; i++)
        if (view->used > 0 || text[i] != ' ')
            view->out[view->used++] = (char)(text[i] == '\t' ? ' ' : text[i]);
}

enum display { SHOW, HIDE, SKIP };

/* Moves to `end` and writes the text in between (SHOW), dots in its place (HIDE) or nothing (SKIP). */
static void pass(struct view *view, const char *end, enum display display)
{
    for (; view->at < end; view->at++) {
        if (*view->at == '\n') {
            view->line++;
            view->dotted = false;
        } else if (display == SHOW) {
            put(view, view->at, 1);
        } else if (display == HIDE && !view->dotted) {
            put(view, "...", 3);
            view->dotted = true;
        }
    }
}

static void pass_string(struct view *view)
{
    const char *end = view->at + 1;
    while (*end && *end != '"')
        end += *end == '\\' && end[1] ? 2 : 1;
    bool secret = view->secret || memchr(view->at, '@', (size_t)(end - view->at));
    pass(view, view->at + 1, SHOW);
    view->dotted = false;
    pass(view, end, secret ? HIDE : SHOW);
    pass(view, end + (*end == '"'), SHOW);
    view->dotted = false;
}

static void pass_name(struct view *view)
{
    static const char *const words[] = {"key",    "token",    "secret", "auth",
                                        "cookie", "password", "proxy",  NULL};
    char name[64];
    size_t length = 1;
    while (isalnum((unsigned char)view->at[length]) || (view->at[length] && strchr("-_*", view->at[length])))
        length++;
    snprintf(name, sizeof name, "%.*s", (int)length, view->at);
    pass(view, view->at + length, SHOW);
    for (const char *const *word = words; *word; word++)
        view->secret |= strcasestr(name, *word) != NULL;
    view->dotted = false;
}

static void scan(struct view *view)
{
    while (*view->at && view->line <= view->wanted) {
        if (*view->at == '#' || strncmp(view->at, "//", 2) == 0) {
            pass(view, view->at + strcspn(view->at, "\n"), SKIP);
        } else if (strncmp(view->at, "/*", 2) == 0) {
            const char *end = strstr(view->at + 2, "*/");
            pass(view, end ? end + 2 : view->at + strlen(view->at), SKIP);
        } else if (*view->at == '"') {
            pass_string(view);
        } else if (view->secret && !strchr(" \t\r\n=:;{}[](),", *view->at)) {
            pass(view, view->at + 1, HIDE);
        } else if (isalpha((unsigned char)*view->at) || *view->at == '*') {
            pass_name(view);
        } else {
            if (strchr(";{}", *view->at))
                view->secret = false;
            pass(view, view->at + 1, SHOW);
        }
    }
}

bool config_line_read(const char *where, char line[static CONFIG_LINE_SIZE])
{
    char file[PATH_MAX];
    const char *colon = strrchr(where, ':'), *error;
    if (!colon || !isdigit((unsigned char)colon[1]) || (size_t)(colon - where) >= sizeof file)
        return false;
    snprintf(file, sizeof file, "%.*s", (int)(colon - where), where);
    char *text = config_file_read(file, &error);
    if (!text)
        return false;
    struct view view = {.at = text, .line = 1, .wanted = strtoul(colon + 1, NULL, 10), .out = line};
    scan(&view);
    while (view.used > 0 && strchr(" \r", line[view.used - 1]))
        view.used--;
    line[view.used] = '\0';
    config_file_free(text);
    return view.used > 0;
}
