/* What we have to know of a request's body to forward it: the model, and whether it wants a stream. */
#ifndef CHAT_H
#define CHAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "format/splice.h"

struct arena;
struct buffer;
struct failure;
struct name_value;

#define CHAT_MODEL_MAX 512

struct chat {
    struct splice body;
    const char *model; /* as asked for; NULL: none is named, or none is known yet */
    bool stream;
};

/* Reads it; bad_request for what is no JSON object, names a model by something that is no name, or says
 * "stream" in a way that can be read twice. */
bool chat_read(struct chat *chat, struct arena *arena, const struct buffer *body, unsigned depth,
               struct failure *why) MUST_CHECK;

/* The bad_request for a body that should name a model; false. */
bool chat_needs_model(struct failure *why);

/* Adds the members that the body does not have; their values are JSON texts. */
bool chat_add(struct chat *chat, struct arena *arena, const struct name_value *members, size_t count,
              struct failure *why) MUST_CHECK;

#endif
