/* What a client speaks, and what its provider is asked in: the same, or OpenAI's words for it. */
#ifndef PENSTOCK_PROTOCOL_DIALECTS_DIALECT_H
#define PENSTOCK_PROTOCOL_DIALECTS_DIALECT_H

#include <stdbool.h>

#include "base/base.h"

struct arena;
struct buffer;
struct model_request;
struct failure;
struct preset;
struct protocol;
struct route;

/* Reads what the body of a request of that route asks for, in OpenAI's words, and the run that it belongs to
 * where it names one. bad_request for a body that cannot be read. */
bool dialect_read(const struct route *route, struct arena *arena, const struct buffer *body, unsigned depth,
                  struct model_request *request, const char **run, struct failure *why) MUST_CHECK;

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
                  const struct preset *preset, struct model_request *request, struct failure *why) MUST_CHECK;

/* Before each try: what a provider said in another one is forgotten. */
void dialect_begin(struct dialect *dialect, struct arena *arena);

#endif
