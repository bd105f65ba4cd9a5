/* Parses and escapes URLs (RFC 3986) with libcurl. */
#ifndef PENSTOCK_BASE_URL_H
#define PENSTOCK_BASE_URL_H

#include <stddef.h>

#include "base/base.h"

struct arena;

/* The parts of a URL; a part that the URL does not have is NULL. An IPv6 address keeps its brackets. */
struct url {
    char *user, *password, *host, *port, *path, *query;
};

enum url_error { URL_OK, URL_NO_HOST, URL_BAD_PORT, URL_MALFORMED };

/* Splits a URL of any scheme into its parts. After URL_OK, the parts are to be freed with url_free(); after
 * any error, all parts are NULL. */
enum url_error url_parse(const char *text, struct url *url) MUST_CHECK;
void url_free(struct url *url);

/* Writes the host, or "host:port" if the URL contains a port. Messages may show no other part of a URL. */
void url_name_host(const char *text, char *host, size_t size);

/* Decodes percent-encoding into the arena. A '%' that does not begin an escape is unchanged, and so is "%00",
 * because the result is NUL-terminated. */
char *url_percent_decode(struct arena *arena, const char *at, size_t length);

/* Returns the text as one segment of a path, with every character escaped except the unreserved
 * characters. */
char *url_percent_encode(struct arena *arena, const char *text);

#endif
