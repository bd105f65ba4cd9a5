/* Refuses members of a request that the provider's dialect cannot express. */
#ifndef PENSTOCK_PROTOCOL_REFUSED_MEMBERS_H
#define PENSTOCK_PROTOCOL_REFUSED_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "protocol/conversation.h"

struct failure;

/* Fails with bad_request, naming the client's member, if one of the members says anything: 0, {} and [] do
 * not, nor does a request for log probabilities that is not one. */
bool refused_members_check(const struct conversation *conversation, const enum said *members, size_t count,
                           struct failure *why) MUST_CHECK;

#endif
