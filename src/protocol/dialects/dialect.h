/* Chooses the client's dialect, the provider's dialect, and the conversion between them. */
#ifndef PENSTOCK_PROTOCOL_DIALECTS_DIALECT_H
#define PENSTOCK_PROTOCOL_DIALECTS_DIALECT_H

#include <stdbool.h>

#include "base/base.h"
#include "config/api.h"

struct arena;
struct buffer;
struct model_request;
struct failure;
struct error_response;
struct json_writer;
struct settings;
struct target;
struct protocol;
struct route;

/* Reads the body of a request for `route`, and converts it to OpenAI's API if the route belongs to another
 * API. Sets `*run` to the run that the request names, if any. Fails with bad_request if the body is invalid.
 */
bool dialect_read(const struct route *route, struct arena *arena, const struct buffer *body, unsigned depth,
                  struct model_request *request, const char **run, struct failure *why) MUST_CHECK;

struct dialect {
    const struct protocol *protocol; /* writes the answer for the client */
    void *state;                     /* private to the protocol */
    const char *path;                /* the path of the provider's API, after the base URL */
    enum api api;                    /* that the provider is asked in */
    bool passes_query;               /* the client's query goes to the provider, whose API it speaks */
    bool converts;                   /* `state` is a struct conversion */
    bool completion; /* the provider answers with a legacy completion, whose parameter rules apply */
};

/* Chooses the dialect and the conversion for a request for `route` to a target, and converts `request` where
 * needed. Fails with bad_request if the provider's dialect cannot express the request. */
bool dialect_open(struct dialect *dialect, struct arena *arena, const struct route *route,
                  const struct settings *settings, const struct target *target, struct model_request *request,
                  struct failure *why) MUST_CHECK;

/* The dialect of the clients of a route, for requests that may be converted; API_COUNT: another one. */
enum api dialect_client_api(const struct route *route);

/* Discards the answer of the previous attempt. Called before each attempt. */
void dialect_begin(struct dialect *dialect, struct arena *arena);

/* Returns the function that writes the members of an error body for clients of the route (NULL: none was
 * found); NULL: error_response_put(). `anthropic`: the client names a version of Anthropic's API. */
void (*dialect_error_put(const struct route *route, bool anthropic))(struct json_writer *,
                                                                     const struct error_response *);

#endif
