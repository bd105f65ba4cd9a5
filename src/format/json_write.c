/* Writes JSON directly into a buffer. */
#include "format/json_write.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/portable.h"
#include "base/utf8.h"
#include "format/decimal.h"
#include "format/json_plain.h"

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD, for bytes that are not UTF-8 */

/* Writes one character to `out`, escaped if JSON requires this (RFC 8259, 7). Returns its length at `at` in
 * bytes. */
static size_t escape(const char *at, size_t left, char out[static 8])
{
    static const char letters[] = "\b\f\n\r\t\"\\", escapes[] = "bfnrt\"\\";
    unsigned char byte = (unsigned char)*at;
    const char *found = byte ? strchr(letters, byte) : NULL;
    if (found) {
        snprintf(out, 8, "\\%c", escapes[found - letters]);
        return 1;
    }
    if (byte < 0x20) {
        snprintf(out, 8, "\\u%04x", byte);
        return 1;
    }
    size_t sequence = utf8_length(at, left);
    if (sequence)
        snprintf(out, 8, "%.*s", (int)sequence, at);
    else
        memcpy(out, replacement, sizeof replacement);
    return sequence ? sequence : 1;
}

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

static size_t plain_length(const char *text, size_t length)
{
    size_t plain = 0;
    while (length - plain >= 8 && json_eight_are_plain(text + plain))
        plain += 8;
    while (plain < length && is_plain((unsigned char)text[plain]))
        plain++;
    return plain;
}

static bool quote_plain(struct buffer *buffer, const char *text, size_t length)
{
    char *room = buffer_room(buffer, length + 2);
    if (!room)
        return false;
    *room = '"';
    *(char *)mempcpy(room + 1, text, length) = '"';
    buffer_fill(buffer, length + 2);
    return true;
}

static bool quote_escaped(struct buffer *buffer, const char *text, size_t length)
{
    const char *at = text, *end = text + length;
    bool ok = buffer_append(buffer, "\"", 1);
    while (at < end && ok) {
        size_t plain = plain_length(at, (size_t)(end - at));
        ok = buffer_append(buffer, at, plain);
        at += plain;
        if (at < end && ok) {
            char out[8];
            at += escape(at, (size_t)(end - at), out);
            ok = buffer_append(buffer, out, strlen(out));
        }
    }
    return ok && buffer_append(buffer, "\"", 1);
}

bool json_quote(struct buffer *buffer, const char *text, size_t length)
{
    return plain_length(text, length) == length ? quote_plain(buffer, text, length)
                                                : quote_escaped(buffer, text, length);
}

static void put(struct json_writer *writer, const char *text, size_t length)
{
    writer->ok = writer->ok && buffer_append(writer->buffer, text, length);
}

struct json_writer json_write_begin(struct buffer *buffer)
{
    struct json_writer writer = {.buffer = buffer, .ok = true, .first = true};
    put(&writer, "{", 1);
    return writer;
}

struct json_writer json_write_object(struct json_writer *parent)
{
    struct json_writer writer = {.buffer = parent->buffer, .parent = parent, .ok = parent->ok, .first = true};
    put(&writer, "{", 1);
    return writer;
}

void json_write_end(struct json_writer *writer)
{
    put(writer, "}", 1);
    if (writer->parent)
        writer->parent->ok = writer->ok;
}

void json_put_name(struct json_writer *writer, const char *name)
{
    size_t length = strlen(name);
    char *room = writer->ok ? buffer_room(writer->buffer, length + 4) : NULL;
    writer->ok = room;
    if (!room)
        return;
    char *at = room;
    if (!writer->first)
        *at++ = ',';
    *at++ = '"';
    at = mempcpy(at, name, length);
    *at++ = '"';
    *at++ = ':';
    buffer_fill(writer->buffer, (size_t)(at - room));
    writer->first = false;
}

struct json_writer json_put_object(struct json_writer *parent, const char *name)
{
    json_put_name(parent, name);
    return json_write_object(parent);
}

void json_put_raw(struct json_writer *writer, const char *name, const char *text, size_t length)
{
    json_put_name(writer, name);
    put(writer, text, length);
}

void json_put_null(struct json_writer *writer, const char *name)
{
    json_put_raw(writer, name, "null", 4);
}

void json_put_string(struct json_writer *writer, const char *name, const char *text)
{
    if (!text) {
        json_put_null(writer, name);
        return;
    }
    json_put_name(writer, name);
    writer->ok = writer->ok && json_quote(writer->buffer, text, strlen(text));
}

void json_put_count(struct json_writer *writer, const char *name, int64_t count)
{
    char digits[DECIMAL_SIZE];
    if (count < 0)
        json_put_null(writer, name);
    else
        json_put_raw(writer, name, digits, decimal_write(count, digits));
}

void json_put_bool(struct json_writer *writer, const char *name, bool value)
{
    json_put_raw(writer, name, value ? "true" : "false", value ? 4 : 5);
}
