/* How this host is: what /healthz says. */
#ifndef PENSTOCK_PAGES_HEALTH_H
#define PENSTOCK_PAGES_HEALTH_H

#include <stdbool.h>

#include "base/base.h"

struct buffer;
struct services;

/* Puts a JSON object; false when requests are refused because of something of ours. A provider that is down
 * does not make us ill. */
bool health_put(const struct services *services, struct buffer *body) MUST_CHECK;

#endif
