/* Writes a buffered completion as the one chunk of a stream. */
#ifndef PENSTOCK_PROTOCOL_CHAT_CHAT_AS_STREAM_H
#define PENSTOCK_PROTOCOL_CHAT_CHAT_AS_STREAM_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct buffer;
struct failure;
struct protocol_context;
struct token_usage;

/* Both are the function `as_stream` of a struct protocol. They append one chunk with the content of all
 * choices, their finish_reasons and the usage, and "[DONE]". Fail with bad_response if `out` has no room. */
bool chat_put_as_stream(struct protocol_context *context, struct json_value answer,
                        const struct token_usage *usage, struct buffer *out, struct failure *why) MUST_CHECK;
bool completion_put_as_stream(struct protocol_context *context, struct json_value answer,
                              const struct token_usage *usage, struct buffer *out,
                              struct failure *why) MUST_CHECK;

#endif
