/* Writes a conversation as a request of the Responses API. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_WRITE_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_WRITE_H

#include <stdbool.h>

#include "base/base.h"

struct buffer;
struct conversation;
struct failure;
struct json_writer;
struct provider_facts;

/* Appends the request. Fails with bad_request, naming the client's member, if the API cannot express it, and
 * with too_large if it does not fit. */
bool responses_write_request(const struct conversation *conversation, const struct provider_facts *facts,
                             struct buffer *out, struct failure *why) MUST_CHECK;

/* Writes the members "instructions" and "input". */
bool responses_write_input(struct json_writer *writer, const struct conversation *conversation,
                           struct failure *why) MUST_CHECK;

#endif
