/* The page for people who open the address of the gateway in a browser. */
#ifndef PENSTOCK_PAGES_HOME_PAGE_H
#define PENSTOCK_PAGES_HOME_PAGE_H

#include <stdbool.h>

#include "base/base.h"

struct buffer;
struct request;

/* Writes the HTML page: what this is, the base URL, an example, and where the status is. Returns false if it
 * does not fit. */
bool home_page_put(const struct request *request, struct buffer *body) MUST_CHECK;

#endif
