/* Finds one field in a form (RFC 7578), reading byte by byte; only that field's value is kept.
 *
 * The gateway routes by the model that this parser finds, while the provider uses the model that its own
 * parser finds. If parsers can read a form in different ways, the two models could differ, so the form is
 * refused: a delimiter after a bare line feed, with more on its line, that shares its line end with the
 * headers before, or after the last one; a preamble; a name in the extended notation. */
#include "format/multipart.h"

#include <string.h>
#include <strings.h>

/* ---- the parameters of a header line ---- */

/* Decodes the parameter's value into `text`, which has room for all of `at`. Returns the text after the
 * value, or NULL if its quotation marks do not close. */
static const char *read_value(const char *at, char *text)
{
    if (*at != '"') {
        size_t length = strcspn(at, "; \t");
        memcpy(text, at, length);
        text[length] = '\0';
        return at + length;
    }
    for (at++; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1])
            at++;
        *text++ = *at;
    }
    *text = '\0';
    return *at ? at + 1 : NULL;
}

/* Finds the next parameter `key` in "; name=value; name=value" and copies its value to `text`. Returns NULL
 * if there is none. `good` becomes false for a parameter that cannot be read, and for `key` in the extended
 * notation (RFC 8187). */
static const char *next_value(const char *at, const char *key, char *text, bool *good)
{
    size_t key_length = strlen(key);
    while (*(at += strspn(at, "; \t"))) {
        size_t length = strcspn(at, "=; \t");
        bool same = length == key_length && strncasecmp(at, key, length) == 0;
        *good = length != key_length + 1 || at[key_length] != '*' || strncasecmp(at, key, key_length) != 0;
        at += length;
        at += strspn(at, " \t");
        *text = '\0';
        if (*at == '=')
            at = read_value(at + 1 + strspn(at + 1, " \t"), text);
        *good = *good && at;
        if (same || !*good)
            return at;
    }
    return NULL;
}

/* ---- the header lines of a part ---- */

static const char disposition[] = "Content-Disposition";

/* Sets `named` if the line names the field. Returns false if the line cannot be read. */
static bool read_line(struct multipart *form, const char *line, bool *named)
{
    char text[MULTIPART_HEAD_MAX + 1];
    size_t length = sizeof disposition - 1;
    if (strncasecmp(line, disposition, length) != 0)
        return true;
    line += length;
    line += strspn(line, " \t");
    if (*line++ != ':')
        return true;
    bool good = true;
    line += strcspn(line, ";");
    while ((line = next_value(line, "name", text, &good)) && good)
        *named = *named || strcmp(text, form->name) == 0;
    return good;
}

/* A line that begins with a blank continues the previous line (RFC 5322, 2.2.3). */
static void unfold(char *head)
{
    for (char *end = head; (end = strstr(end, "\r\n")); end += 2)
        if (end[2] == ' ' || end[2] == '\t')
            end[0] = end[1] = ' ';
}

static bool read_head(struct multipart *form)
{
    bool named = false, good = true;
    unfold(form->head);
    for (char *line = form->head, *end; good && (end = strstr(line, "\r\n")); line = end + 2) {
        *end = '\0';
        good = read_line(form, line, &named);
    }
    if (named && form->found++ == 0) {
        form->in_value = true;
        form->value_at = form->at;
    }
    form->state = MULTIPART_DATA;
    form->matched = 1; /* the end of the blank line, which a delimiter must not share */
    form->before_line = '\n';
    form->before = '\n';
    return good;
}

/* ---- byte by byte ---- */

static bool close_part(struct multipart *form)
{
    if (form->before_line != '\r' || form->ended)
        return false;
    if (form->in_value) {
        form->value_length = form->at - form->delimiter_length - 1 - form->value_at;
        if (form->value_length < form->kept)
            form->value[form->value_length] = '\0';
        form->closed = true;
        form->in_value = false;
    }
    form->opened = true;
    form->state = MULTIPART_DELIMITED;
    form->matched = 0;
    return true;
}

static void keep(struct multipart *form, const char *bytes, size_t length)
{
    size_t room = sizeof form->value - 1 - form->kept, part = length < room ? length : room;
    if (!form->in_value)
        return;
    memcpy(form->value + form->kept, bytes, part);
    form->kept += part;
}

/* The delimiter's only line feed is its first byte, so a new match begins only at a line feed. */
static bool take_data(struct multipart *form, char byte)
{
    keep(form, &byte, 1);
    if (byte == '\n') {
        form->before_line = form->before;
        form->matched = 1;
    } else {
        form->matched = form->matched && byte == form->delimiter[form->matched] ? form->matched + 1 : 0;
    }
    form->before = byte;
    if (!form->opened && !form->matched)
        return false;
    return form->matched < form->delimiter_length || close_part(form);
}

static bool take_delimited(struct multipart *form, char byte)
{
    if (byte == '-') {
        form->ended = ++form->matched == 2;
        if (form->ended) {
            form->state = MULTIPART_DATA;
            form->matched = 0;
        }
        return true;
    }
    if (byte == '\r')
        form->state = MULTIPART_LINE_END;
    return form->matched == 0 && strchr(" \t\r", byte) && byte;
}

static bool take_line_end(struct multipart *form, char byte)
{
    memcpy(form->head, "\r\n", 2);
    form->head_length = 2;
    form->state = MULTIPART_HEAD;
    return byte == '\n';
}

static bool take_head(struct multipart *form, char byte)
{
    char *head = form->head;
    if (form->head_length == MULTIPART_HEAD_MAX || !byte)
        return false;
    bool bare = byte == '\n' && head[form->head_length - 1] != '\r';
    head[form->head_length++] = byte;
    if (bare || form->head_length < 4 || memcmp(head + form->head_length - 4, "\r\n\r\n", 4) != 0)
        return !bare;
    head[form->head_length] = '\0';
    return read_head(form);
}

static bool step(struct multipart *form, char byte)
{
    form->at++;
    switch (form->state) {
    case MULTIPART_DATA:
        return take_data(form, byte);
    case MULTIPART_DELIMITED:
        return take_delimited(form, byte);
    case MULTIPART_LINE_END:
        return take_line_end(form, byte);
    case MULTIPART_HEAD:
        return take_head(form, byte);
    }
    return false;
}

/* Skips bytes up to the next line feed, where a delimiter may begin. This covers nearly all of a large
 * file. */
static size_t skip_data(struct multipart *form, const char *bytes, size_t length)
{
    const char *line = memchr(bytes, '\n', length);
    size_t skipped = line ? (size_t)(line - bytes) : length;
    if (!skipped)
        return 0;
    keep(form, bytes, skipped);
    form->before = bytes[skipped - 1];
    form->at += skipped;
    return skipped;
}

bool multipart_read(struct multipart *form, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        if (form->state == MULTIPART_DATA && !form->matched)
            i += skip_data(form, bytes + i, length - i);
        if (i < length && !step(form, bytes[i++]))
            return false;
    }
    return true;
}

/* ---- the form ---- */

bool multipart_open(struct multipart *form, const char *content_type, const char *name)
{
    static const char kind[] = "multipart/form-data";
    size_t length = sizeof kind - 1;
    *form = (struct multipart){.name = name, .matched = 1, .before_line = '\r', .before = '\n'};
    if (strncasecmp(content_type, kind, length) != 0 || strlen(content_type) > MULTIPART_HEAD_MAX)
        return false;
    char boundary[MULTIPART_HEAD_MAX + 1];
    bool good = true;
    const char *rest = content_type + length;
    if (!strchr("; \t", *rest) || !next_value(rest, "boundary", boundary, &good) || !good)
        return false;
    form->delimiter_length = strlen(boundary) + 3;
    if (!*boundary || form->delimiter_length > MULTIPART_DELIMITER_MAX || strpbrk(boundary, "\r\n"))
        return false;
    memcpy(form->delimiter, "\n--", 3);
    memcpy(form->delimiter + 3, boundary, form->delimiter_length - 2);
    return true;
}

const char *multipart_boundary(const struct multipart *form)
{
    return form->delimiter + 3;
}
