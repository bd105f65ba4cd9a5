/* Tools and the form of the answer: flat in a Responses request, nested in a chat request. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_TOOLS_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_TOOLS_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct failure;
struct json_writer;

/* What of a request is about tools; absent where not given. */
struct tools_ask {
    struct json_value tools, choice, parallel;
};

/* Writes "tools", "tool_choice" and "parallel_tool_calls"; without tools none of them. bad_request for a tool
 * that the Responses API runs itself: nobody here would. */
bool tools_write(struct json_writer *writer, struct arena *arena, const struct tools_ask *ask,
                 struct failure *why) MUST_CHECK;

/* Writes what "text" asks for: "response_format" and "verbosity". */
bool text_write(struct json_writer *writer, struct arena *arena, struct json_value text,
                struct failure *why) MUST_CHECK;

#endif
