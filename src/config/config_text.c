/* Checks the text of a configuration file for constructs that libconfig misreads or crashes on.
 *
 * libconfig 1.5 reads 4294967297 as 1, exits when an @include names a directory, and blocks when it names a
 * FIFO. A reload must not end the master, so the text is scanned first, with libconfig's rules for comments,
 * strings and names. */
#include "config/config_text.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_errors.h"
#include "config/config_file.h"

#define INCLUDE_DEPTH 9 /* libconfig's own limit is 10 */
#define INCLUDES_MAX 64
#define WHERE_SIZE (PATH_MAX + 16)
#define NAME_SIZE 64

struct scan {
    const char *file, *directory;
    const char *at;
    unsigned line, depth;
    char name[NAME_SIZE]; /* the last name read, to which the value at `at` belongs */
    unsigned *includes;   /* number of includes so far, in all files */
    struct config_errors *errors;
};

/* Reports an error with the name of the setting, not its path, which is not known here; file, line and name
 * are enough to find the setting. */
static void report(const struct scan *scan, const char *setting, const char *reason)
{
    char where[WHERE_SIZE];
    snprintf(where, sizeof where, "%s:%u", scan->file, scan->line);
    config_error_add(scan->errors, where, setting, "%s", reason);
}

/* Skips text and counts its lines, also inside comments and strings. */
static void skip_to(struct scan *scan, const char *end)
{
    for (; scan->at < end; scan->at++)
        scan->line += *scan->at == '\n';
}

/* Moves past the closing quotation mark; a quotation mark after a backslash does not close the string. */
static void skip_string(struct scan *scan)
{
    const char *end = scan->at + 1;
    while (*end && *end != '"')
        end += *end == '\\' && end[1] ? 2 : 1;
    skip_to(scan, end + (*end == '"'));
}

static void skip_block_comment(struct scan *scan)
{
    const char *end = strstr(scan->at + 2, "*/");
    skip_to(scan, end ? end + 2 : scan->at + strlen(scan->at));
}

static void skip_line(struct scan *scan)
{
    scan->at += strcspn(scan->at, "\n");
}

static bool is_name_byte(char byte)
{
    return isalnum((unsigned char)byte) || byte == '-' || byte == '_' || byte == '*';
}

static void take_name(struct scan *scan)
{
    size_t length = 1;
    while (is_name_byte(scan->at[length]))
        length++;
    snprintf(scan->name, sizeof scan->name, "%.*s", (int)(length < NAME_SIZE ? length : NAME_SIZE - 1),
             scan->at);
    scan->at += length;
}

/* True if `text` starts with a number. */
static bool starts_number(const char *text)
{
    return isdigit((unsigned char)*text) ||
           ((*text == '-' || *text == '+') && isdigit((unsigned char)text[1]));
}

/* libconfig reads a number as an int unless an L follows, so that even 0xFFFFFFFF becomes -1. Floats are
 * checked later, as values of their settings. */
static void check_number(struct scan *scan)
{
    char *end;
    errno = 0;
    bool hexadecimal = scan->at[0] == '0' && (scan->at[1] | 0x20) == 'x';
    long long number = strtoll(scan->at, &end, hexadecimal ? 16 : 10);
    bool fraction = *end == '.' || (*end | 0x20) == 'e';
    bool wide = *end == 'L';
    if (!fraction && (errno || (!wide && (number > INT32_MAX || number < INT32_MIN))))
        report(scan, scan->name,
               wide || errno ? "the number is too large"
                             : "the number does not fit into 32 bits; append an L to it");
    scan->at = end;
    while (isalnum((unsigned char)*scan->at) || *scan->at == '.')
        scan->at++;
}

static void check_include(struct scan *scan);

/* Reads token by token, as libconfig's lexer does. Other bytes are punctuation, or a syntax error that
 * libconfig itself reports. */
static void check_text(struct scan *scan)
{
    while (*scan->at) {
        if (*scan->at == '#' || strncmp(scan->at, "//", 2) == 0)
            skip_line(scan);
        else if (strncmp(scan->at, "/*", 2) == 0)
            skip_block_comment(scan);
        else if (*scan->at == '"')
            skip_string(scan);
        else if (*scan->at == '@')
            check_include(scan);
        else if (isalpha((unsigned char)*scan->at) || *scan->at == '*')
            take_name(scan);
        else if (starts_number(scan->at))
            check_number(scan);
        else
            skip_to(scan, scan->at + 1);
    }
}

/* Checks the file `name` in the main file's directory. Absolute paths are refused because libconfig 1.5 does
 * not support them and later versions do. The limits on depth and number catch files that include
 * themselves. */
static void check_included(struct scan *scan, const char *name)
{
    static const char setting[] = "@include";
    char file[PATH_MAX], reason[PATH_MAX];
    if (*name == '/' || scan->depth >= INCLUDE_DEPTH || ++*scan->includes > INCLUDES_MAX) {
        report(scan, setting,
               *name == '/' ? "the path must be relative to the directory of the main file"
                            : "too many files are included");
        return;
    }
    snprintf(file, sizeof file, "%s/%s", scan->directory, name);
    const char *error;
    char *text = config_file_read(file, &error);
    if (!text) {
        snprintf(reason, sizeof reason, "%.300s: %s", file, error);
        report(scan, setting, reason);
        return;
    }
    struct scan inner = *scan;
    inner.file = file;
    inner.at = text;
    inner.line = 1;
    inner.depth++;
    check_text(&inner);
    config_file_free(text);
}

/* Ignores a malformed directive, because libconfig reports a syntax error. An empty name would be the
 * directory itself. Names with backslashes are rejected, although libconfig would unescape them. */
static void check_include(struct scan *scan)
{
    static const char word[] = "@include";
    char name[PATH_MAX / 2];
    bool known = strncmp(scan->at, word, strlen(word)) == 0;
    scan->at += known ? strlen(word) : 1;
    const char *quote = scan->at + strspn(scan->at, " \t");
    if (!known || *quote != '"')
        return;
    size_t length = strcspn(quote + 1, "\"\\\n");
    if (length == 0 || length >= sizeof name || quote[1 + length] != '"') {
        report(scan, word, "must be followed by a file name in quotation marks without a backslash");
        return;
    }
    memcpy(name, quote + 1, length);
    name[length] = '\0';
    check_included(scan, name);
    skip_to(scan, quote + length + 2);
}

void config_text_check(const char *file, const char *directory, const char *text,
                       struct config_errors *errors)
{
    unsigned includes = 0;
    struct scan scan = {
        .file = file,
        .directory = directory,
        .at = text,
        .line = 1,
        .includes = &includes,
        .errors = errors,
    };
    check_text(&scan);
}
