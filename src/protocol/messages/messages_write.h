/* Writes a conversation as a request of the Messages API. */
#ifndef PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_WRITE_H
#define PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct buffer;
struct conversation;
struct failure;
struct json_writer;
struct provider_facts;

/* Appends the request. Fails with bad_request, naming the client's member, if the API cannot express it, and
 * with too_large if it does not fit. */
bool messages_write_request(const struct conversation *conversation, const struct provider_facts *facts,
                            struct buffer *out, struct failure *why) MUST_CHECK;

/* Writes the members "system" and "messages". */
bool messages_write_turns(struct json_writer *writer, const struct conversation *conversation,
                          struct failure *why) MUST_CHECK;

/* Writes "thinking", "output_config" and the sampling members, as the model takes them. */
bool messages_write_tuning(struct json_writer *writer, const struct conversation *conversation,
                           const struct provider_facts *facts, struct failure *why) MUST_CHECK;

/* The limit of the answer's tokens. */
int64_t messages_max_tokens(const struct conversation *conversation, const struct provider_facts *facts);

#endif
