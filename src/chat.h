/* What we have to know of a chat completion's body to forward it. */
#ifndef CHAT_H
#define CHAT_H

#include <stdbool.h>

#include "attributes.h"
#include "splice.h"

struct arena;
struct buffer;
struct failure;

#define CHAT_MODEL_MAX 512

struct chat {
    struct splice body;
    const char *model; /* as asked for; NULL: not known */
    bool stream;
};

/* Reads it; bad_request for what is no JSON object, has no model, or says "stream" in a way that can be read
 * twice. */
bool chat_read(struct chat *chat, struct arena *arena, const struct buffer *body, unsigned depth,
               struct failure *why) MUST_CHECK;

#endif
