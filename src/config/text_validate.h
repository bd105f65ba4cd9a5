/* Validates texts of certain kinds: each function returns the reason why the text is invalid, or NULL. */
#ifndef PENSTOCK_CONFIG_TEXT_VALIDATE_H
#define PENSTOCK_CONFIG_TEXT_VALIDATE_H

/* A provider's name, as in "PROVIDER:MODEL". */
const char *validate_provider_name(const char *name);

/* http:// or https://, a host, no user, no query and no fragment. */
const char *validate_url(const char *url);

/* The URL of a proxy, with a scheme that libcurl supports. */
const char *validate_proxy(const char *url);

/* A path, "unix:PATH", "ADDRESS:PORT", "[ADDRESS]:PORT", ":PORT" or "PORT". */
const char *validate_listen(const char *listen);

/* The origin of a web page as a browser writes it (RFC 6454, 6.2): "https://HOST", "https://HOST:PORT",
 * "null", or "*" for all. */
const char *validate_origin(const char *origin);

/* A numeric IPv4 or IPv6 address without a port. */
const char *validate_address(const char *address);

/* A header that settings may add to requests: a token (RFC 9110, 5.1 and 5.5) that is not used by the
 * gateway, the connection or a browser's session. */
const char *validate_header_name(const char *name);
const char *validate_header_value(const char *value);

/* A member of a request that a provider's params may change. */
const char *validate_member(const char *name);

#endif
