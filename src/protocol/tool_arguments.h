/* The arguments of a call: a string that holds JSON in OpenAI's dialects, an object in the others. */
#ifndef PENSTOCK_PROTOCOL_TOOL_ARGUMENTS_H
#define PENSTOCK_PROTOCOL_TOOL_ARGUMENTS_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct json_writer;

/* Writes a member with the arguments as a string; empty ones are an empty object. */
void arguments_write_text(struct json_writer *writer, const char *name, struct json_value arguments);

/* Sets `object` to the arguments as an object, in the arena or in `arguments`. Returns false if they are
 * something else. */
bool arguments_read_object(struct arena *arena, struct json_value arguments,
                           struct json_value *object) MUST_CHECK;

#endif
