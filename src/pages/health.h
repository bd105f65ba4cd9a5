/* How this host is: what /healthz says. */
#ifndef HEALTH_H
#define HEALTH_H

#include <stdbool.h>

#include "base/attributes.h"

struct buffer;
struct gateway;

/* Puts a JSON object; false when requests are refused because of something of ours. A provider that is down
 * does not make us ill. */
bool health_put(const struct gateway *gateway, struct buffer *body) MUST_CHECK;

#endif
