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

/* Sends the request and passes the answer on. False with the cause in `why` as long as the client has seen
 * nothing of the answer, so that another attempt can follow; keepalives may have begun the response. True
 * once the exchange is over, well or badly: see `result`. The caller calls upstream_stop(). */
bool relay_run(const struct relay_job *job, struct relay_result *result, struct failure *why) MUST_CHECK;

/* Waits `pause_ms` between two attempts, `job` being the last one, and keeps a stream's client alive. Returns
 * RELAY_TIMEOUT after the full time; RELAY_CLIENT_GONE, noted in `result`; or RELAY_FAILED with the cause. */
enum relay_event relay_pause(const struct relay_job *job, struct relay_result *result, int64_t pause_ms,
                             struct failure *why) MUST_CHECK;

/* Ends a response that keepalives have begun with an error frame: no attempt gave an answer. */
void relay_fail(const struct relay_job *job, struct relay_result *result, const struct failure *failure);

/* Sends a complete body with its headers. */
void relay_send_body(struct response *response, const struct response_headers *headers, int status,
                     const char *type, const char *body, size_t length);

#endif
