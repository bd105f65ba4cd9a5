/* An answer of any kind passed on in pieces, as they come. */
#ifndef PENSTOCK_RELAY_RELAY_RAW_H
#define PENSTOCK_RELAY_RELAY_RAW_H

#include <stdbool.h>

#include "base/base.h"

struct failure;
struct relay_job;
struct relay_wait;

/* Passes the answer on; as relay_run(). A refusal, JSON or a page in HTML is held to its end and judged as
 * relay_buffered() does. */
bool relay_raw(struct relay_job *job, struct relay_wait *wait, struct failure *why) MUST_CHECK;

#endif
