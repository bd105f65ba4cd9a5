/* An answer held to its end, looked at, and passed on in one piece. */
#ifndef PENSTOCK_RELAY_RELAY_BUFFERED_H
#define PENSTOCK_RELAY_RELAY_BUFFERED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "errors/failure_map.h"

struct failure;
struct response_headers;
struct relay_job;
struct response;
struct relay_wait;

/* Waits for the whole answer and passes it on; as relay_run(). */
bool relay_buffered(struct relay_job *job, struct relay_wait *wait, struct failure *why) MUST_CHECK;

/* Passes on an answer that has ended; false with the cause when it is no good one. */
bool relay_pass(struct relay_job *job, struct failure *why) MUST_CHECK;

/* What the provider answered, for failure_map(). */
struct provider_answer relay_given(const struct relay_job *job, const char *body, size_t length);

/* A JSON answer of status 200 with its header lines. */
void relay_answer(struct response *response, const struct response_headers *headers, const char *body,
                  size_t length);
/* The same of another status or type. */
void relay_answer_as(struct response *response, const struct response_headers *headers, int status,
                     const char *type, const char *body, size_t length);

#endif
