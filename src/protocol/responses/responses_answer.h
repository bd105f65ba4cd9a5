/* A chat completion as the response that its client asked for. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_ANSWER_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_ANSWER_H

#include <stdbool.h>

#include "base/attributes.h"
#include "format/json.h"

struct arena;
struct buffer;
struct failure;
struct responses_context;
struct usage;

/* Appends the response object to `response`. `answer` is a whole chat completion, checked, without an error
 * and with a choice; `usage` is what it says that it used. bad_response when there is more than can be held,
 * in the items or in `response`; RESPONSES_ANSWER_MAX is a ceiling that is enough. */
bool responses_from_chat(struct arena *arena, const struct responses_context *ask, struct json_value answer,
                         const struct usage *usage, struct buffer *response, struct failure *why) MUST_CHECK;

#define RESPONSES_ANSWER_MAX (32 * 1024 * 1024)

#endif
