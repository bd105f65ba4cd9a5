/* URLs (RFC 3986), read and escaped by libcurl. */
#ifndef PENSTOCK_BASE_URL_H
#define PENSTOCK_BASE_URL_H

#include <stddef.h>

#include "base/base.h"

struct arena;

/* The parts of a URL, NULL for those that it does not have. An IPv6 address keeps its brackets. */
struct url {
    char *user, *password, *host, *port, *path, *query;
};

enum url_error { URL_OK, URL_NO_HOST, URL_BAD_PORT, URL_MALFORMED };

/* Takes a URL apart, of any scheme. After URL_OK the parts are freed by url_free(); else there are none. */
enum url_error url_parse(const char *text, struct url *url) MUST_CHECK;
void url_free(struct url *url);

/* Writes "host:port", the port only where the URL names one: all of a URL that a message may show. */
void url_name_host(const char *text, char *host, size_t size);

/* Decodes percent-encoding into the arena. A '%' that begins no escape stays as it is, and so does "%00": the
 * result is a text that ends at its NUL. */
char *url_percent_decode(struct arena *arena, const char *at, size_t length);

/* The text as one segment of a path: every character but the unreserved ones is escaped. */
char *url_percent_encode(struct arena *arena, const char *text);

#endif
