/* Converts tools and the answer's format: flat in a Responses request, nested in a chat request. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_TOOLS_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_TOOLS_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct failure;
struct json_writer;

/* The members about tools; absent if missing. */
struct tools_request {
    struct json_value tools, choice, parallel;
};

/* Writes "tools", "tool_choice" and "parallel_tool_calls", or none of them if there are no tools. Fails with
 * bad_request for a hosted tool, because only the servers of the Responses API can run it. */
bool tools_write(struct json_writer *writer, struct arena *arena, const struct tools_request *context,
                 struct failure *why) MUST_CHECK;

/* Writes "response_format" and "verbosity" from the member "text". */
bool text_write(struct json_writer *writer, struct arena *arena, struct json_value text,
                struct failure *why) MUST_CHECK;

#endif
