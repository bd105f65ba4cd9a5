/* Writes a JSON Schema as a provider takes it. */
#ifndef PENSTOCK_PROTOCOL_JSON_SCHEMA_H
#define PENSTOCK_PROTOCOL_JSON_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "format/json.h"

struct json_writer;

/* The keywords that a provider does not take. Keys under "properties" and "$defs" are names, and the values
 * of "default", "enum", "const" and "examples" are data, whatever they are called. */
struct schema_rules {
    const char *const *dropped; /* keywords; ends with NULL */
    const char *const *told;    /* keywords that move into the description; ends with NULL */
    bool closed;                /* every object gets "additionalProperties": false */
    bool nullable;              /* {"type":["string","null"]} becomes "string" with "nullable": true */
};

/* Writes the member. */
void schema_write(struct json_writer *writer, const char *name, struct json_value schema,
                  const struct schema_rules *rules);

/* Writes the schema of a tool's parameters: an object in any case. Returns false if its root is of another
 * type. */
bool schema_write_parameters(struct json_writer *writer, const char *name, struct json_value schema,
                             const struct schema_rules *rules) MUST_CHECK;

/* Takes everything but "$schema". */
extern const struct schema_rules schema_rules_plain;

#endif
