/* Writes errors as clients of the Messages API read them. */
#ifndef PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_ERROR_H
#define PENSTOCK_PROTOCOL_MESSAGES_MESSAGES_ERROR_H

#include <stddef.h>

struct error_response;
struct failure;
struct json_writer;

/* Writes the members of the error body: "type": "error", the error and the request id (API reference,
 * "Errors"). The error has the members of the gateway's other dialects, too. */
void messages_error_put(struct json_writer *writer, const struct error_response *error_response);

#endif
