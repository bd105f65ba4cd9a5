/* A form that passes to the provider without being buffered; its first bytes are searched for the model. */
#ifndef PENSTOCK_PROVIDER_UPLOAD_H
#define PENSTOCK_PROVIDER_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/buffer.h"
#include "format/json.h"
#include "format/multipart.h"
#include "upstream/upstream_body.h"

struct arena;
struct client_settings;
struct failure;
struct request;
struct settings;
struct upstream_request;

#define UPLOAD_HEAD_MAX 65536
#define UPLOAD_PIECES 3

struct upload {
    struct request *request;
    struct multipart form;
    struct buffer head;          /* the first bytes; freed with the arena */
    int64_t announced, size_max; /* in bytes; announced may be LENGTH_UNKNOWN */
    unsigned models_max;         /* maximum number of parts that name a model */
    bool is_form;                /* the body is searched for the model */
    int64_t answers_max;         /* maximum of the field "n" in what is still to come; 0: any */
    const struct client_settings *client;
    struct json_value pieces[UPLOAD_PIECES];
    struct upstream_rest rest;
};

/* Reads up to UPLOAD_HEAD_MAX bytes, until the model is known. `client` may be NULL. Fails with
 * unsupported_media_type if the body is not a form or has a content coding, with too_large if the announced
 * length exceeds limits.upload, with bad_request if the form cannot be read, with forbidden if it names other
 * models and the client has a list of models. */
bool upload_open(struct upload *upload, struct request *request, const struct settings *settings,
                 const struct client_settings *client, struct failure *why) MUST_CHECK;

/* Reads up to UPLOAD_HEAD_MAX bytes of a body of any kind. Fails with too_large and bad_request as
 * upload_open() does. */
bool upload_open_any(struct upload *upload, struct request *request, const struct settings *settings,
                     struct failure *why) MUST_CHECK;

/* Returns the model that the first bytes name, NULL if there is none. */
const char *upload_model(const struct upload *upload);

/* Returns the number of answers that the form asks for, as far as it has been read. */
int64_t upload_answers(const struct upload *upload);

/* Sets the body of `request`, with the model's name replaced by `model` (NULL: unchanged). The body lives as
 * long as the upload; the part that upload_open() did not read is read from the client once. */
void upload_give(struct upload *upload, struct arena *arena, const char *model,
                 struct upstream_request *request);

#endif
