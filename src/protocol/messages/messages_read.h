/* Reads the requests of clients that speak the Messages API. */
#ifndef PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_READ_H
#define PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_READ_H

#include <stdbool.h>

#include "base/base.h"

struct conversation;
struct failure;

/* Reads conversation->body. Fails with bad_request, naming the member, if something of it has no place in a
 * conversation. */
bool messages_read_request(struct conversation *conversation, struct failure *why) MUST_CHECK;

#endif
