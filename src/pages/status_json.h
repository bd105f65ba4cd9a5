/* GET /status?json: the status page for programs. */
#ifndef PENSTOCK_PAGES_STATUS_JSON_H
#define PENSTOCK_PAGES_STATUS_JSON_H

#include <stdbool.h>

#include "base/base.h"

struct buffer;
struct status_facts;

/* Writes the JSON object. Returns false if it does not fit. */
bool status_json_put(const struct status_facts *facts, struct buffer *body) MUST_CHECK;

#endif
