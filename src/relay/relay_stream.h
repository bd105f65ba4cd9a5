/* A stream passed on frame by frame, its end told truthfully. */
#ifndef PENSTOCK_RELAY_RELAY_STREAM_H
#define PENSTOCK_RELAY_RELAY_STREAM_H

#include <stdbool.h>

#include "base/base.h"

struct failure;
struct relay_job;
struct relay_wait;

/* As relay_run(). An answer that turns out to be no stream is passed on whole. */
bool relay_stream(struct relay_job *job, struct relay_wait *wait, struct failure *why) MUST_CHECK;

#endif
