/* A request to a model: its JSON body, the model that it names, and whether it wants a stream. */
#ifndef PENSTOCK_PROTOCOL_MODEL_REQUEST_H
#define PENSTOCK_PROTOCOL_MODEL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "format/splice.h"

struct arena;
struct buffer;
struct failure;
struct name_value;

#define MODEL_NAME_MAX 512

struct model_request {
    struct splice body;
    const char *model; /* as the client wrote the name; NULL: none, or not known yet */
    bool stream;
    void *private; /* what the client's dialect keeps over all attempts; NULL: nothing */
};

/* Reads `body`, which must outlive the request. Fails with bad_request if `body` is not a JSON object, if
 * "model" is not a usable name, or if "stream" is not true, false or null. */
bool model_request_read(struct model_request *request, struct arena *arena, const struct buffer *body,
                        unsigned depth, struct failure *why) MUST_CHECK;

/* Fails with bad_request, because the body names no model. Always returns false. */
bool model_request_lacks_model(struct failure *why);

/* Adds those of `members` that the body does not have; the values are JSON texts. Fails with bad_request if
 * the body has one of the names twice. */
bool model_request_add_members(struct model_request *request, struct arena *arena,
                               const struct name_value *members, size_t count,
                               struct failure *why) MUST_CHECK;

#endif
