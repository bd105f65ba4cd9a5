/* The members of a request that rules of the gateway read, and how they must not be written. */
#ifndef PENSTOCK_PROTOCOL_REQUEST_MEMBERS_H
#define PENSTOCK_PROTOCOL_REQUEST_MEMBERS_H

#include <stdbool.h>

#include "base/base.h"

struct failure;
struct splice;

/* Fails with bad_request if a parser could find another value than the gateway for a member that a rule reads
 * (contract, section 3): if it is given twice, if a name differs from its name only in case, or if U+0000 is
 * in the name or in the value. `body` is a request in any dialect, as the client wrote it. The list is in
 * penstock(8). */
bool request_members_check(const struct splice *body, struct failure *why) MUST_CHECK;

#endif
