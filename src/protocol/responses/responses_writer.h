/* Writes answers for clients that speak the Responses API. */
#ifndef PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_WRITER_H
#define PENSTOCK_PROTOCOL_RESPONSES_RESPONSES_WRITER_H

#include <stddef.h>

#include "base/base.h"
#include "format/json.h"
#include "protocol/answer_writer.h"

struct buffer;
struct responses_context;

/* Events have the form "event: TYPE\ndata: {...}\n\n". The data repeats the type and has a "sequence_number",
 * which counts from 0. The conversation's `private` is a struct responses_context; without a conversation the
 * response repeats nothing of a request. */
extern const struct answer_writer_ops responses_writer_ops;

/* Ends a stream with the events "error" and response.failed. The latter omits the items, because the client
 * already has them. `error` is the redacted object of an error body, with a "code" and a "message". Returns
 * false if not even the shortest form fits into `out`. */
bool responses_writer_fail(struct answer_writer *writer, struct json_value error,
                           struct buffer *out) MUST_CHECK;

/* Reads an event of a provider that speaks the Responses API, so that a failure continues its stream with the
 * response's id and the next sequence number. */
void responses_writer_follow(struct answer_writer *writer, const char *data, size_t length);

#endif
