/* What a client speaks, and what its provider is asked in: the same, or a chat made of it. */
#ifndef DIALECT_H
#define DIALECT_H

#include <stdbool.h>

#include "attributes.h"

struct arena;
struct chat;
struct failure;
struct preset;
struct protocol;
struct route;

struct dialect {
    const struct protocol *protocol; /* how the client is answered */
    void *state;                     /* the protocol's own */
    const char *path;                /* what the provider is asked for, behind its base URL */
    bool chat;                       /* it answers with a chat completion */
    bool completion;                 /* or with an older one: the rules for parameters hold */
};

/* For a request of that route to a provider of that preset; `chat` becomes what the provider is to read.
 * bad_request for what a chat cannot say. */
bool dialect_open(struct dialect *dialect, struct arena *arena, const struct route *route,
                  const struct preset *preset, struct chat *chat, struct failure *why) MUST_CHECK;

#endif
