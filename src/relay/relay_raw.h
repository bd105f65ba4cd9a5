/* An answer of any kind passed on in pieces, as they come. */
#ifndef RELAY_RAW_H
#define RELAY_RAW_H

#include <stdbool.h>

#include "base/attributes.h"

struct failure;
struct relay_job;
struct watch;

/* Passes the answer on; as relay_run(). A refusal, JSON or a page in HTML is held to its end and judged as
 * relay_whole() does. */
bool relay_raw(struct relay_job *job, struct watch *watch, struct failure *why) MUST_CHECK;

#endif
