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

/* Returns the API's name of the error: the provider's own if it is one of them, else by the status. */
const char *messages_error_type(const struct failure *failure);

/* Writes the message. Agents recognise a prompt that is too long by its first words, and by the two numbers
 * how much of it must go. */
void messages_error_message(const struct failure *failure, char *message, size_t size);

#endif
