/* What is wrong with a text that has to be of some kind: each returns the reason, or NULL for a good one. */
#ifndef PENSTOCK_CONFIG_TEXT_VALIDATE_H
#define PENSTOCK_CONFIG_TEXT_VALIDATE_H

/* A provider's name, as it stands before the colon of "PROVIDER:MODEL". */
const char *validate_provider_name(const char *name);

/* http:// or https://, a host, no user, no query, no fragment. */
const char *validate_url(const char *url);

/* A proxy that libcurl knows, by its scheme. */
const char *validate_proxy(const char *url);

/* A path, "unix:PATH", "ADDRESS:PORT", "[ADDRESS]:PORT", ":PORT" or "PORT". */
const char *validate_listen(const char *listen);

/* A numeric address of either kind, without a port. */
const char *validate_address(const char *address);

/* A header that one may add to a request (RFC 9110, 5.1 and 5.5): a token, and none that the gateway, the
 * connection or a browser's session depends on. */
const char *validate_header_name(const char *name);
const char *validate_header_value(const char *value);

/* A member of a request that a provider's parameter map may touch. */
const char *validate_member(const char *name);

#endif
