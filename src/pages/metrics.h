/* GET /metrics: the text format of Prometheus, version 0.0.4. */
#ifndef PENSTOCK_PAGES_METRICS_H
#define PENSTOCK_PAGES_METRICS_H

#include <stdbool.h>

#include "base/base.h"

struct buffer;
struct status_facts;

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Writes the metrics. Returns false if they do not fit. */
bool metrics_put(const struct status_facts *facts, struct buffer *body) MUST_CHECK;

#endif
