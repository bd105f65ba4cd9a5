/* GET /status: the status page for people. */
#ifndef PENSTOCK_PAGES_STATUS_PAGE_H
#define PENSTOCK_PAGES_STATUS_PAGE_H

#include <stdbool.h>

#include "base/base.h"

struct arena;
struct buffer;
struct status_facts;

/* Writes the HTML page. Returns false if it does not fit. */
bool status_page_put(const struct status_facts *facts, struct arena *arena, struct buffer *body) MUST_CHECK;

#endif
