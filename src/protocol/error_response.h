/* The one error body (contract, section 4): what a failed request looks like to its client. */
#ifndef PENSTOCK_PROTOCOL_ERROR_RESPONSE_H
#define PENSTOCK_PROTOCOL_ERROR_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"

struct failure;
struct response_headers;
struct json_writer;
struct response;

/* What stands beside "error" for clients of older systems. */
enum error_detail {
    DETAIL_NONE,
    DETAIL_FIELDS,  /* the six fields of NeMo Gym's inference provider */
    DETAIL_SENTENCE /* the message, as the run gateway's own API has it */
};

/* What is known of the request besides its failure; NULL where nothing is. */
struct error_response {
    const struct failure *failure;
    const char *provider, *base_url, *model, *request_id;
    size_t attempts;
    struct secrets secrets; /* not to be seen in it */
    int auth_status;        /* instead of a provider's own 401 and 403; 0: those */
    enum error_detail detail;
};

/* Puts the member "error" with its whole object, and "detail" where it is wanted. */
void error_response_put(struct json_writer *writer, const struct error_response *error_response);

/* Answers with status, headers and body, those of `heading` (NULL: none) last, for a provider may send many;
 * what response_header() has added before goes along. Not once an answer has begun. */
void error_response_send(struct response *response, const struct error_response *error_response,
                         const struct response_headers *headers);

#endif
