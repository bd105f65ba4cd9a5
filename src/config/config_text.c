/* The text of a configuration file: read within bounds, and looked through for what libconfig lets pass.
 *
 * libconfig 1.5 reads 4294967297 as 1, stops at a NUL byte, ends the whole process when an @include names a
 * directory, and waits for ever when it names a FIFO. A master that reloads must survive its file. So the
 * text is scanned first, by libconfig's own rules for comments, strings and names. */
#include "config/config_text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/portable.h"
#include "config/config_errors.h"

#define INCLUDE_DEPTH 9 /* libconfig's own limit is 10 */
#define INCLUDES_MAX 64
#define WHERE_SIZE (PATH_MAX + 16)
#define NAME_SIZE 64

struct scan {
    const char *file, *directory;
    const char *at;
    unsigned line, depth;
    char name[NAME_SIZE]; /* the last one seen: the setting that the value at hand belongs to */
    unsigned *includes;   /* so far, in all files together */
    struct config_errors *mistakes;
};

/* The setting's full path is not known here, but file, line and name are enough to find it. */
static void tell(const struct scan *scan, const char *setting, const char *reason)
{
    char where[WHERE_SIZE];
    snprintf(where, sizeof where, "%s:%u", scan->file, scan->line);
    config_error_add(scan->mistakes, where, setting, "%s", reason);
}

/* ---- reading ---- */

/* The bytes of an open file, at most SETTINGS_FILE_MAX; anything but a regular file could block, or never
 * end. The descriptor is looked at rather than the name, so that what is judged is what is read. */
static char *read_regular(int descriptor, const char **fault)
{
    struct stat status;
    *fault = "is not a regular file";
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return NULL;
    *fault = "is larger than 1 MiB";
    if (status.st_size > SETTINGS_FILE_MAX)
        return NULL;
    char *text = memory_alloc((size_t)status.st_size + 2, 1);
    ssize_t length = read(descriptor, text, (size_t)status.st_size);
    *fault = length < 0 ? strerror(errno) : memchr(text, '\0', (size_t)length) ? "holds a NUL byte" : NULL;
    if (!*fault) {
        text[length] = '\n'; /* a comment in the last line needs one */
        return text;
    }
    config_text_free(text);
    return NULL;
}

/* O_NONBLOCK: or opening a FIFO without a writer would wait for one. */
static char *read_text(const char *file, const char **fault)
{
    int descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    *fault = strerror(errno);
    if (descriptor < 0)
        return NULL;
    char *text = read_regular(descriptor, fault);
    close(descriptor);
    return text;
}

char *config_text_read(const char *file, struct config_errors *mistakes)
{
    const char *fault;
    char *text = read_text(file, &fault);
    if (!text)
        config_error_add(mistakes, file, "the file", "%s", fault);
    return text;
}

/* Keys may stand in it. */
void config_text_free(char *text)
{
    explicit_bzero(text, strlen(text));
    free(text);
}

/* ---- scanning ---- */

/* Lines are counted on the way, within comments and strings too. */
static void skip_to(struct scan *scan, const char *end)
{
    for (; scan->at < end; scan->at++)
        scan->line += *scan->at == '\n';
}

/* Past the closing quotation mark; one behind a backslash does not close. */
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

/* Is there a number at `text`, a fraction left aside? */
static bool starts_number(const char *text)
{
    return isdigit((unsigned char)*text) ||
           ((*text == '-' || *text == '+') && isdigit((unsigned char)text[1]));
}

/* Settings are int in libconfig unless an L follows; a hexadecimal 0xFFFFFFFF would come back as -1. Floats
 * are left alone, they are checked where they are used. */
static void check_number(struct scan *scan)
{
    char *end;
    errno = 0;
    bool hexadecimal = scan->at[0] == '0' && (scan->at[1] | 0x20) == 'x';
    long long number = strtoll(scan->at, &end, hexadecimal ? 16 : 10);
    bool fraction = *end == '.' || (*end | 0x20) == 'e';
    bool wide = *end == 'L';
    if (!fraction && (errno || (!wide && (number > INT32_MAX || number < INT32_MIN))))
        tell(scan, scan->name,
             wide || errno ? "the number is too large"
                           : "the number does not fit into 32 bits; with an L behind it, it would");
    scan->at = end;
    while (isalnum((unsigned char)*scan->at) || *scan->at == '.')
        scan->at++;
}

static void check_include(struct scan *scan);

/* One token after the other, as libconfig's lexer would see them; what is left over is punctuation, or a
 * mistake that libconfig tells better. */
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

/* Looks through the file `name` in the main file's directory. libconfig 1.5 cannot take an absolute path,
 * later ones can: so that a file means the same everywhere, none may. Files that include themselves are
 * caught by depth and number. */
static void check_included(struct scan *scan, const char *name)
{
    static const char setting[] = "@include";
    char file[PATH_MAX], reason[PATH_MAX];
    if (*name == '/' || scan->depth >= INCLUDE_DEPTH || ++*scan->includes > INCLUDES_MAX) {
        tell(scan, setting,
             *name == '/' ? "the path must be relative to the main file's directory"
                          : "too many files are included");
        return;
    }
    snprintf(file, sizeof file, "%s/%s", scan->directory, name);
    const char *fault;
    char *text = read_text(file, &fault);
    if (!text) {
        snprintf(reason, sizeof reason, "%.300s: %s", file, fault);
        tell(scan, setting, reason);
        return;
    }
    struct scan inner = *scan;
    inner.file = file;
    inner.at = text;
    inner.line = 1;
    inner.depth++;
    check_text(&inner);
    config_text_free(text);
}

/* What is no include that libconfig would know is passed over: it says so itself. An empty name would be the
 * directory, and what libconfig makes of a backslash is not worth knowing. */
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
        tell(scan, word, "needs a file's name in quotation marks, without a backslash");
        return;
    }
    memcpy(name, quote + 1, length);
    name[length] = '\0';
    check_included(scan, name);
    skip_to(scan, quote + length + 2);
}

void config_text_check(const char *file, const char *directory, const char *text,
                       struct config_errors *mistakes)
{
    unsigned includes = 0;
    struct scan scan = {
        .file = file,
        .directory = directory,
        .at = text,
        .line = 1,
        .includes = &includes,
        .mistakes = mistakes,
    };
    check_text(&scan);
}
