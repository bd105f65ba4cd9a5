/* A tool whose argument is a text, for dialects in which a tool has a schema. */
#ifndef PENSTOCK_PROTOCOL_CUSTOM_TOOL_H
#define PENSTOCK_PROTOCOL_CUSTOM_TOOL_H

#include "format/json.h"

struct arena;
struct tool;

/* The schema of an object with the text as its member "input". */
#define CUSTOM_TOOL_SCHEMA                                                                                   \
    "{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"],"        \
    "\"additionalProperties\":false}"

/* Returns the tool's description, with its grammar in words; absent if it has neither. */
struct json_value custom_tool_description(struct arena *arena, const struct tool *tool);

#endif
