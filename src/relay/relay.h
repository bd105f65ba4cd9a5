/* A provider's answer to the client: whole or streamed, or with its failure said. */
#ifndef PENSTOCK_RELAY_RELAY_H
#define PENSTOCK_RELAY_RELAY_H

#include <stdbool.h>

#include "base/base.h"

struct failure;
struct relay_job;
struct upstream_request;

/* Asks and passes the answer on. False with the cause in `why` while nothing has reached the client; else
 * true, and `end` and `failure` of the job tell how it went. upstream_stop() remains to the caller. */
bool relay_run(struct relay_job *job, const struct upstream_request *request, struct failure *why) MUST_CHECK;

#endif
