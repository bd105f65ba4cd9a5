/* Passes a provider's answer on to the client: buffered, as a stream, or raw. */
#ifndef PENSTOCK_RELAY_RELAY_H
#define PENSTOCK_RELAY_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "relay/relay_job.h"
#include "relay/relay_wait.h"

struct failure;
struct response;
struct response_headers;

/* Sends the request and passes the answer on. Returns false with the cause in `why` if the client has seen
 * nothing of the answer, so that another attempt can follow; keepalives may have begun the response. Returns
 * true if the exchange is over, successful or not (see `result`). The caller must call upstream_stop(). */
bool relay_run(const struct relay_job *job, struct relay_result *result, struct failure *why) MUST_CHECK;

/* Waits `pause_ms` between two attempts and sends keepalives to a stream's client. `job` is the job of the
 * last attempt. Returns RELAY_TIMEOUT after the full time, RELAY_CLIENT_GONE (recorded in `result`), or
 * RELAY_FAILED with the cause in `why`. */
enum relay_event relay_pause(const struct relay_job *job, struct relay_result *result, int64_t pause_ms,
                             struct failure *why) MUST_CHECK;

/* Ends a response that consists of keepalives only with an error frame, after all attempts have failed. */
void relay_fail(const struct relay_job *job, struct relay_result *result, const struct failure *failure);

/* Sends a complete body with its headers. */
void relay_send_body(struct response *response, const struct response_headers *headers, int status,
                     const char *type, const char *body, size_t length);

#endif
