/* Writes the error body and sends the response of a failed request (contract, section 4). */
#ifndef PENSTOCK_PROTOCOL_ERROR_RESPONSE_H
#define PENSTOCK_PROTOCOL_ERROR_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"

struct failure;
struct response_headers;
struct json_writer;
struct response;

/* The member "detail" beside "error", for clients of older systems. */
enum error_detail {
    DETAIL_NONE,
    DETAIL_FIELDS,  /* the six fields of NeMo Gym's inference provider */
    DETAIL_SENTENCE /* a sentence, as in the run gateway's API */
};

/* The failure, and the known facts of its request; NULL: unknown. */
struct error_response {
    const struct failure *failure;
    const char *provider, *base_url, *model, *request_id;
    size_t attempts;
    struct secrets secrets; /* redacted from the message */
    int auth_status;        /* replaces a provider's 401 and 403; 0: no replacement */
    enum error_detail detail;
    const char *sentence; /* for DETAIL_SENTENCE; NULL: the message */
    /* Writes the members of the body in the client's dialect. NULL: error_response_put() */
    void (*put)(struct json_writer *writer, const struct error_response *error_response);
};

/* Writes the member "error" and, if `detail` requests it, the member "detail". */
void error_response_put(struct json_writer *writer, const struct error_response *error_response);

/* Writes the member "error" with another type and message, for dialects that have their own. */
void error_response_put_error(struct json_writer *writer, const struct error_response *error_response,
                              const char *type, const char *message);

/* Sends status, headers and body. Must be called before the response has begun. Keeps headers added before by
 * response_header(). Adds those of `headers` (may be NULL) last, because a provider may have sent many. */
void error_response_send(struct response *response, const struct error_response *error_response,
                         const struct response_headers *headers);

#endif
