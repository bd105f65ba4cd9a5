/* The parts of a Responses request that are needed to convert its answer. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_CONTEXT_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_CONTEXT_H

#include "format/json.h"

/* Members of the request that its answer repeats (API reference, "The response object"). */
enum responses_echo {
    ECHO_INSTRUCTIONS,
    ECHO_MAX_OUTPUT_TOKENS,
    ECHO_MAX_TOOL_CALLS,
    ECHO_METADATA,
    ECHO_PARALLEL_TOOL_CALLS,
    ECHO_PROMPT_CACHE_KEY,
    ECHO_REASONING,
    ECHO_SAFETY_IDENTIFIER,
    ECHO_SERVICE_TIER,
    ECHO_TEMPERATURE,
    ECHO_TEXT,
    ECHO_TOOL_CHOICE,
    ECHO_TOOLS,
    ECHO_TOP_LOGPROBS,
    ECHO_TOP_P,
    ECHO_TRUNCATION,
    ECHO_USER,
    ECHO_MEMBERS
};

/* The values point into the text of the request, which must outlive them. Members that are missing or null
 * are absent. */
struct responses_context {
    struct json_value model;
    struct json_value echo[ECHO_MEMBERS];
};

#endif
