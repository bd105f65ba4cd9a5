/* Remembers the signatures of calls for clients that do not send them back. */
#ifndef PENSTOCK_PROTOCOL_SIGNATURE_MEMORY_H
#define PENSTOCK_PROTOCOL_SIGNATURE_MEMORY_H

#include "format/json.h"

struct answer;
struct arena;
struct conversation;

/* Remembers the signature of each call of the answer, by the call's id and the mark of the provider, in the
 * state folder `folder`. A signature is opaque and no content. */
void signatures_remember(const char *folder, const struct conversation *conversation,
                         const struct answer *answer);

/* Adds to the calls of the conversation the signatures that they lack and that are remembered. */
void signatures_recall(const char *folder, struct conversation *conversation);

#endif
