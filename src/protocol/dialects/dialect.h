/* Chooses the dialect of the client and the one in which its provider is asked, and the conversion between
 * them. */
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

/* Reads the body of a request of that route, converted to OpenAI's API where the route has another one, and
 * the run that it names, if any. bad_request for an invalid body. */
bool dialect_read(const struct route *route, struct arena *arena, const struct buffer *body, unsigned depth,
                  struct model_request *request, const char **run, struct failure *why) MUST_CHECK;

struct dialect {
    const struct protocol *protocol; /* writes the answer for the client */
    void *state;                     /* private to the protocol */
    const char *path;                /* the path of the provider's API, after its base URL */
    bool chat;                       /* the provider answers with a chat completion */
    bool completion;                 /* or with a legacy completion; its parameter rules apply */
};

/* Chooses dialect and conversion for a request of that route to a provider of that preset; converts `request`
 * where needed. bad_request for a request that the provider's dialect cannot express. */
bool dialect_open(struct dialect *dialect, struct arena *arena, const struct route *route,
                  const struct preset *preset, struct model_request *request, struct failure *why) MUST_CHECK;

/* Before each attempt: forgets the answer of the one before. */
void dialect_begin(struct dialect *dialect, struct arena *arena);

#endif
