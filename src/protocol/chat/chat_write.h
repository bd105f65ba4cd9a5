/* Writes a conversation as a request for chat completions. */
#ifndef PENSTOCK_PROTOCOL_CHAT_CHAT_WRITE_H
#define PENSTOCK_PROTOCOL_CHAT_CHAT_WRITE_H

#include <stdbool.h>

#include "base/base.h"

struct buffer;
struct conversation;
struct failure;
struct json_writer;
struct provider_facts;

/* Appends the request. Fails with bad_request, naming the client's member, if chat completions cannot express
 * it, and with too_large if it does not fit. */
bool chat_write_request(const struct conversation *conversation, const struct provider_facts *facts,
                        struct buffer *out, struct failure *why) MUST_CHECK;

/* Writes the member "messages". */
bool chat_write_messages(struct json_writer *writer, const struct conversation *conversation,
                         const struct provider_facts *facts, struct failure *why) MUST_CHECK;

#endif
