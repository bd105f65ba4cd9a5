/* Finds one field in a form (RFC 7578), reading byte by byte; only that field's value is kept.
 *
 * The gateway routes by the model that this parser finds, while the provider uses the model that its own
 * parser finds. If parsers can read a form in different ways, the two models could differ, so the form is
 * refused: a delimiter after a bare line feed or a bare carriage return, with more on its line, that shares
 * its line end with the headers before, or after the last one; text before the first delimiter or behind the
 * last one; a last delimiter that is missing; and what multipart_head.c refuses. */
#include "format/multipart.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "format/json_number.h"
#include "format/multipart_head.h"

static bool refuse(struct multipart *form, const char *fault)
{
    form->fault = fault;
    return false;
}

/* ---- the header lines of a part ---- */

static bool read_head(struct multipart *form)
{
    struct part_head head;
    form->fault = multipart_read_head(form->head + 2, form->name, &head);
    if (head.picks)
        memcpy(form->picks, head.field, sizeof form->picks);
    if (form->once & head.once)
        return refuse(form, "a field twice that must have one value");
    form->once |= head.once;
    if (head.found && form->found++ == 0) {
        form->in_value = true;
        form->value_at = form->at;
        form->ascii_only = head.ascii_only;
    }
    form->in_count = head.counts;
    form->count_kept = 0;
    form->state = MULTIPART_DATA;
    form->matched = 1; /* the end of the blank line, which a delimiter must not share */
    form->before_line = '\n';
    form->before = '\n';
    return !form->fault;
}

/* ---- byte by byte ---- */

/* A value that parsers trim, end early or decode in different ways is refused. */
static const char *check_value(const struct multipart *form)
{
    const char *value = form->value;
    size_t length = strlen(value);
    if (length && (strchr(" \t", value[0]) || strchr(" \t", value[length - 1])))
        return "a model with blanks around it";
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)value[i];
        if (byte < 0x20 || byte == 0x7f)
            return "a model with a control character";
        if (byte >= 0x80 && form->ascii_only)
            return "a model in another charset";
    }
    return NULL;
}

/* Reads the number as it would stand in JSON, in quotation marks. */
static void close_count(struct multipart *form)
{
    char text[MULTIPART_COUNT_SIZE + 2] = "\"";
    size_t length = 1;
    for (size_t i = 0; i < form->count_kept && form->count[i] != '\r'; i++) {
        char byte = form->count[i];
        text[length++] = (unsigned char)byte < ' ' || byte == '"' || byte == '\\' ? '?' : byte;
    }
    text[length++] = '"';
    int64_t number = json_largest_number((struct json_value){text, length});
    form->answers = max_int64(min_int64(number, MULTIPART_ANSWERS_MAX), max_int64(form->answers, 1));
    form->in_count = false;
}

static bool close_part(struct multipart *form)
{
    if (form->before_line != '\r')
        return refuse(form, "a delimiter that does not begin a line of its own");
    form->opened = true;
    form->state = MULTIPART_DELIMITED;
    form->matched = 0;
    if (form->in_count)
        close_count(form);
    if (!form->in_value)
        return true;
    form->value_length = form->at - form->delimiter_length - 1 - form->value_at;
    if (form->value_length < form->kept)
        form->value[form->value_length] = '\0';
    form->closed = true;
    form->in_value = false;
    form->fault = check_value(form);
    return !form->fault;
}

static void keep(struct multipart *form, const char *bytes, size_t length)
{
    if (form->in_count) {
        size_t some = min_size(length, sizeof form->count - form->count_kept);
        memcpy(form->count + form->count_kept, bytes, some);
        form->count_kept += some;
    }
    size_t room = sizeof form->value - 1 - form->kept, part = length < room ? length : room;
    if (!form->in_value)
        return;
    memcpy(form->value + form->kept, bytes, part);
    form->kept += part;
}

/* Some parsers also take a bare carriage return for a line end, so a match begins there too. The delimiter's
 * first byte stands for the line end; none of its other bytes is one. */
static bool take_data(struct multipart *form, char byte)
{
    keep(form, &byte, 1);
    if (byte == '\n' || byte == '\r') {
        form->before_line = byte == '\n' ? form->before : '\0';
        form->matched = 1;
    } else {
        form->matched = form->matched && byte == form->delimiter[form->matched] ? form->matched + 1 : 0;
    }
    form->before = byte;
    if (!form->opened && form->matched < 2)
        return refuse(form, "text before its first delimiter");
    return form->matched < form->delimiter_length || close_part(form);
}

static bool take_delimited(struct multipart *form, char byte)
{
    if (byte == '-' && ++form->matched == 2) {
        form->ended = true;
        form->state = MULTIPART_END;
    }
    if (byte == '\r' && !form->matched)
        form->state = MULTIPART_LINE_END;
    return byte == '-' || form->state == MULTIPART_LINE_END ||
           refuse(form, "a delimiter with more behind it");
}

static bool take_line_end(struct multipart *form, char byte)
{
    memcpy(form->head, "\r\n", 2);
    form->head_length = 2;
    form->state = MULTIPART_HEAD;
    return byte == '\n' || refuse(form, "a bare carriage return behind a delimiter");
}

/* Control characters end a line for some parsers. */
static bool take_head(struct multipart *form, char byte)
{
    char *head = form->head, last = head[form->head_length - 1];
    if (form->head_length == MULTIPART_HEAD_MAX)
        return refuse(form, "the headers of a part are too long");
    if ((byte == '\n') != (last == '\r') || ((unsigned char)byte < 0x20 && !strchr("\r\n\t", byte)) ||
        !byte || byte == 0x7f)
        return refuse(form, "a control character or a bare line end in the headers of a part");
    head[form->head_length++] = byte;
    if (form->head_length < 4 || memcmp(head + form->head_length - 4, "\r\n\r\n", 4) != 0)
        return true;
    head[form->head_length] = '\0';
    return read_head(form);
}

static bool take_end(struct multipart *form, char byte)
{
    return (byte && strchr("\r\n\t ", byte)) || refuse(form, "text behind its last delimiter");
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
    case MULTIPART_END:
        return take_end(form, byte);
    }
    return false;
}

#define EIGHT_TIMES(byte) (UINT64_C(0x0101010101010101) * (byte))

/* True if none of eight bytes ends a line. A byte is 0 if subtracting 1 sets its highest bit and it was not
 * set before; a byte borrows from the next only if it is 0 itself. */
static bool are_inner(const char *at)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    uint64_t feed = bytes ^ EIGHT_TIMES('\n'), carriage = bytes ^ EIGHT_TIMES('\r');
    uint64_t ends = ((feed - EIGHT_TIMES(1)) & ~feed) | ((carriage - EIGHT_TIMES(1)) & ~carriage);
    return !(ends & EIGHT_TIMES(0x80));
}

/* Skips bytes up to the next line end, where a delimiter may begin. This covers nearly all of a large file.
 */
static size_t skip_data(struct multipart *form, const char *bytes, size_t length)
{
    size_t skipped = 0;
    while (length - skipped >= 8 && are_inner(bytes + skipped))
        skipped += 8;
    while (skipped < length && bytes[skipped] != '\n' && bytes[skipped] != '\r')
        skipped++;
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

bool multipart_finish(struct multipart *form)
{
    return form->ended || refuse(form, "its last delimiter is missing");
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
    const char *parameters = content_type + length;
    if (!strchr("; \t", *parameters))
        return false;
    form->fault = multipart_read_boundary(parameters, boundary);
    form->delimiter_length = strlen(boundary) + 3;
    if (!form->fault && form->delimiter_length > MULTIPART_DELIMITER_MAX)
        form->fault = "a boundary of more than 70 characters";
    if (form->fault)
        return false;
    memcpy(form->delimiter, "\n--", 3);
    memcpy(form->delimiter + 3, boundary, form->delimiter_length - 2);
    return true;
}

const char *multipart_boundary(const struct multipart *form)
{
    return form->delimiter + 3;
}
