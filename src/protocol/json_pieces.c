/* Composes JSON from pieces of other JSON, whose bytes are copied unchanged.
 *
 * The text between the quotes of a string keeps its escapes when it is appended to another string. Nothing is
 * decoded or quoted again. Even a surrogate pair that a provider has split between two deltas becomes valid
 * again. */
#include "protocol/json_pieces.h"

#include <string.h>

#include "base/buffer.h"

void write_bytes(struct json_writer *writer, const char *bytes, size_t length)
{
    writer->ok = writer->ok && buffer_append(writer->buffer, bytes, length);
}

void write_text(struct json_writer *writer, const char *text)
{
    write_bytes(writer, text, strlen(text));
}

static void write_name(struct json_writer *writer, struct json_value name)
{
    write_text(writer, writer->first ? "" : ",");
    writer->first = false;
    write_bytes(writer, name.at, name.length);
    write_text(writer, ":");
}

struct json_writer write_member_as(struct json_writer *outer, struct json_value name)
{
    write_name(outer, name);
    return json_write_object(outer);
}

void write_member(struct json_writer *writer, const struct json_member *member)
{
    write_name(writer, member->name);
    write_bytes(writer, member->value.at, member->value.length);
}

void join_lines(struct buffer *buffer, size_t start)
{
    for (size_t at = start; at < buffer->length; at++)
        if (buffer->bytes[at] == '\n' || buffer->bytes[at] == '\r')
            buffer->bytes[at] = ' ';
}

struct json_writer write_element(struct json_writer *outer, size_t *count)
{
    if ((*count)++)
        write_text(outer, ",");
    return json_write_object(outer);
}

void write_value(struct json_writer *writer, const char *name, struct json_value value)
{
    if (value.at)
        json_put_raw(writer, name, value.at, value.length);
}

void write_inside(struct json_writer *writer, const char *name, const struct buffer *inside)
{
    json_put_name(writer, name);
    write_text(writer, "\"");
    write_bytes(writer, inside->bytes, inside->length);
    write_text(writer, "\"");
}

bool take_inside(struct buffer *buffer, struct json_value string)
{
    return json_kind(string) != JSON_STRING || buffer_append(buffer, string.at + 1, string.length - 2);
}

bool is_filled(struct json_value value)
{
    return json_kind(value) == JSON_STRING && value.length > 2;
}
