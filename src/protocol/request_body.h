/* What we have to know of a request's body to forward it: the model, and whether it wants a stream. */
#ifndef PENSTOCK_PROTOCOL_REQUEST_BODY_H
#define PENSTOCK_PROTOCOL_REQUEST_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "format/splice.h"

struct arena;
struct buffer;
struct failure;
struct name_value;

#define MODEL_NAME_MAX 512

struct request_body {
    struct splice body;
    const char *model; /* as asked for; NULL: none is named, or none is known yet */
    bool stream;
};

/* Reads it; bad_request for what is no JSON object, names a model by something that is no name, or says
 * "stream" in a way that can be read twice. */
bool request_body_read(struct request_body *chat, struct arena *arena, const struct buffer *body,
                       unsigned depth, struct failure *why) MUST_CHECK;

/* The bad_request for a body that should name a model; false. */
bool request_body_needs_model(struct failure *why);

/* Adds the members that the body does not have; their values are JSON texts. */
bool request_body_add(struct request_body *chat, struct arena *arena, const struct name_value *members,
                      size_t count, struct failure *why) MUST_CHECK;

#endif
