/* GET /healthz: the state of this host. */
#ifndef PENSTOCK_PAGES_HEALTH_H
#define PENSTOCK_PAGES_HEALTH_H

#include <stdbool.h>

#include "base/base.h"

struct buffer;
struct services;

/* Writes a JSON object. Returns false if the gateway itself refuses requests; providers that are down do not
 * count. */
bool health_put(const struct services *services, struct buffer *body) MUST_CHECK;

#endif
