/* Reads the requests of clients that speak chat completions. */
#ifndef PENSTOCK_PROTOCOL_CHAT_CHAT_READ_H
#define PENSTOCK_PROTOCOL_CHAT_CHAT_READ_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct conversation;
struct failure;

/* Reads conversation->body. Fails with bad_request, naming the member, if something of it has no place in a
 * conversation. */
bool chat_read_request(struct conversation *conversation, struct failure *why) MUST_CHECK;

/* Reads the member "messages". */
bool chat_read_messages(struct conversation *conversation, struct json_value messages,
                        struct failure *why) MUST_CHECK;

#endif
