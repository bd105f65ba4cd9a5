/* What a provider wants back unchanged, carried through a client that speaks another dialect. */
#ifndef PENSTOCK_PROTOCOL_SIGNATURE_H
#define PENSTOCK_PROTOCOL_SIGNATURE_H

#include <stdbool.h>

#include "base/base.h"
#include "format/json.h"

struct buffer;
struct conversation;
struct json_writer;

/* A signature is worth something only to the provider and account that made it, so it bears their mark on the
 * way, and only they get it back, without the mark. */
enum signature_kind {
    SIGNATURE_REASONING, /* stands beside reasoning that can be read */
    SIGNATURE_OPAQUE     /* is the reasoning itself */
};

/* Writes a member with the signature, from inside a JSON string, and the mark of conversation->mark. Writes
 * nothing if there is no mark. */
void signature_write(struct json_writer *writer, const char *name, const struct conversation *conversation,
                     enum signature_kind kind, const struct buffer *inside);

/* Reads what a client sent back. Returns the signature as the inside of a JSON string, absent if it is not of
 * the conversation's provider. */
struct json_value signature_read(const struct conversation *conversation, struct json_value string,
                                 enum signature_kind *kind);

#endif
