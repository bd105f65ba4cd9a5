/* Writes what several dialects write alike: frames of events, names of calls, media as URLs. */
#ifndef PENSTOCK_PROTOCOL_DIALECT_PARTS_H
#define PENSTOCK_PROTOCOL_DIALECT_PARTS_H

#include <stddef.h>

#include "format/json.h"
#include "format/json_write.h"

struct answer_item;
struct conversation;
struct media;

/* Begins a frame of an event stream whose data are one object, and stores where they begin. With a type, the
 * frame has the line "event: TYPE", and the object the member "type"; NULL: neither. The frame ends with
 * frame_end(). */
struct json_writer frame_begin(struct json_writer *out, const char *type, size_t *start);
void frame_end(struct json_writer *out, size_t start, struct json_writer *object);

/* Returns the tool that the provider has called, NULL if the client gave none of this name or there is no
 * conversation. */
const struct tool *called_tool(const struct conversation *conversation, const struct answer_item *call);

/* Writes the member "name" of a call: the client's own name of the tool. */
void write_call_name(struct json_writer *object, const struct conversation *conversation,
                     const struct answer_item *call);

/* Writes a member with a string without its quotes. */
void write_unquoted(struct json_writer *object, const char *name, struct json_value inside);

/* Writes a member with the medium as a URL: the client's own, or a data URL, of `type` if the medium has
 * none. */
void write_media_url(struct json_writer *object, const char *name, const struct media *media,
                     const char *type);

#endif
