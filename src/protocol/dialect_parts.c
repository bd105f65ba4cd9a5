/* Writes what several dialects write alike: frames of events, names of calls, media as URLs. */
#include "protocol/dialect_parts.h"

#include "base/buffer.h"
#include "protocol/answer.h"
#include "protocol/conversation.h"
#include "protocol/conversation_build.h"
#include "protocol/json_pieces.h"

/* ---- frames ---- */

struct json_writer frame_begin(struct json_writer *out, const char *type, size_t *start)
{
    size_t first = 0;
    if (type) {
        write_text(out, "event: ");
        write_text(out, type);
        write_text(out, "\n");
    }
    write_text(out, "data: ");
    *start = out->buffer->length;
    struct json_writer object = write_element(out, &first);
    if (type)
        json_put_string(&object, "type", type);
    return object;
}

void frame_end(struct json_writer *out, size_t start, struct json_writer *object)
{
    json_write_end(object);
    join_lines(out->buffer, start); /* values are copied as they came */
    write_text(out, "\n\n");
}

/* ---- calls ---- */

const struct tool *called_tool(const struct conversation *conversation, const struct answer_item *call)
{
    return conversation ? conversation_find_tool(conversation, call->name.bytes, call->name.length) : NULL;
}

void write_call_name(struct json_writer *object, const struct conversation *conversation,
                     const struct answer_item *call)
{
    const struct tool *tool = called_tool(conversation, call);
    if (tool)
        write_value(object, "name", tool->own_name);
    else
        write_inside(object, "name", &call->name);
}

/* ---- media ---- */

void write_unquoted(struct json_writer *object, const char *name, struct json_value inside)
{
    struct buffer text = {.bytes = (char *)inside.at, .length = inside.length};
    write_inside(object, name, &text);
}

void write_media_url(struct json_writer *object, const char *name, const struct media *media,
                     const char *type)
{
    if (media->source == MEDIA_URL || media->url.at) {
        write_unquoted(object, name, media->url.at ? media->url : media->data);
        return;
    }
    json_put_name(object, name);
    write_text(object, "\"data:");
    write_text(object, media->type ? media->type : type);
    write_text(object, ";base64,");
    write_bytes(object, media->data.at, media->data.length);
    write_text(object, "\"");
}
