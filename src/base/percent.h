/* Percent-encoding (RFC 3986, 2.1). */
#ifndef PENSTOCK_BASE_PERCENT_H
#define PENSTOCK_BASE_PERCENT_H

#include <stddef.h>

struct arena;

/* The text decoded into the arena. What is no escape stays as it is, and so does "%00": a text ends there for
 * whoever reads it as C does. */
char *url_percent_decode(struct arena *arena, const char *at, size_t length);

/* The text as one segment of a path: all but unreserved characters is escaped. */
char *url_percent_encode(struct arena *arena, const char *text);

#endif
