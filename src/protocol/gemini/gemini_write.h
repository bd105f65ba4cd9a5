/* Writes a conversation as a request of Gemini's generateContent. */
#ifndef PENSTOCK_PROTOCOL_GEMINI_GEMINI_WRITE_H
#define PENSTOCK_PROTOCOL_GEMINI_GEMINI_WRITE_H

#include <stdbool.h>

#include "base/base.h"

struct buffer;
struct conversation;
struct failure;
struct json_writer;
struct provider_facts;

/* Appends the request, which names no model: the path does. Fails with bad_request, naming the client's
 * member, if the API cannot express it, and with too_large if it does not fit. */
bool gemini_write_request(const struct conversation *conversation, const struct provider_facts *facts,
                          struct buffer *out, struct failure *why) MUST_CHECK;

/* Writes the members "systemInstruction" and "contents". */
bool gemini_write_contents(struct json_writer *writer, const struct conversation *conversation,
                           const struct provider_facts *facts, struct failure *why) MUST_CHECK;

#endif
