/* Validates texts of certain kinds.
 *
 * The functions depend only on the text, so that tables can test them. The caller adds the setting and its
 * origin to the message. */
#include "config/text_validate.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/un.h>

#include "base/portable.h"

#define URL_MAX 2048
#define HEADER_VALUE_MAX 8192

static bool is_listed(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcasecmp(name, *list) == 0)
            return true;
    return false;
}

static bool is_made_of(const char *text, const char *more)
{
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && !strchr(more, *text))
            return false;
    return true;
}

const char *validate_provider_name(const char *name)
{
    if (!isalpha((unsigned char)*name) || strlen(name) > 64 || !is_made_of(name, "-_"))
        return "a provider's name has up to 64 letters, digits, - and _, and starts with a letter";
    return NULL;
}

/* ---- addresses ---- */

/* Returns the length of the scheme at the start of `url`, 0 if the scheme is not in the list. */
static size_t scheme_length(const char *url, const char *const *schemes)
{
    for (; *schemes; schemes++)
        if (strncasecmp(url, *schemes, strlen(*schemes)) == 0)
            return strlen(*schemes);
    return 0;
}

static bool has_blanks(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text <= 0x20 || *text == 0x7f)
            return true;
    return false;
}

/* "0" is valid: the system chooses a port. */
static bool is_port(const char *text, size_t length)
{
    return length > 0 && length <= 5 && strspn(text, "0123456789") == length && atol(text) <= 65535;
}

/* Validates HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT in the first `length` bytes. */
static const char *validate_authority(const char *text, size_t length)
{
    const char *bracket = *text == '[' ? memchr(text, ']', length) : NULL;
    const char *host_end = bracket ? bracket + 1 : memchr(text, ':', length);
    size_t host = host_end ? (size_t)(host_end - text) : length;
    if (host == 0 || (*text == '[' && !bracket))
        return "has no host";
    if (host < length && (text[host] != ':' || !is_port(text + host + 1, length - host - 1)))
        return "must have a port from 0 to 65535";
    return NULL;
}

/* The gateway appends paths to the URL and prints the URL in errors, so a query, a fragment and a password
 * are invalid. */
const char *validate_url(const char *url)
{
    static const char *const schemes[] = {"http://", "https://", NULL};
    size_t scheme = scheme_length(url, schemes);
    const char *host = url + scheme;
    size_t length = strcspn(host, "/?#");
    if (!scheme)
        return "must begin with http:// or https://";
    if (strlen(url) > URL_MAX)
        return "is too long";
    if (has_blanks(url))
        return "must not contain white space";
    if (memchr(host, '@', length))
        return "must not contain a user or password; set the key with api_key or api_key_file";
    if (strpbrk(url, "?#"))
        return "must not have a query or a fragment";
    return validate_authority(host, length);
}

/* A user and a password are allowed, because no other setting holds them. */
const char *validate_proxy(const char *url)
{
    static const char *const schemes[] = {"http://",   "https://",   "socks4://", "socks4a://",
                                          "socks5://", "socks5h://", NULL};
    size_t scheme = scheme_length(url, schemes);
    if (!scheme)
        return "must begin with http://, https://, socks4://, socks4a://, socks5:// or socks5h://";
    if (strlen(url) > URL_MAX || has_blanks(url))
        return "is not a valid URL";
    const char *host = url + scheme;
    size_t length = strcspn(host, "/?#");
    const char *user_end = memrchr(host, '@', length);
    size_t skipped = user_end ? (size_t)(user_end + 1 - host) : 0;
    return validate_authority(host + skipped, length - skipped);
}

static const char *validate_socket_path(const char *path)
{
    if (*path != '/')
        return "the path of a unix socket must be absolute";
    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
        return "the path of a unix socket must not be longer than 107 bytes";
    return NULL;
}

/* A host name would need the resolver at startup, and could have several addresses. */
const char *validate_listen(const char *listen)
{
    static const char numeric[] =
        "must be the path of a unix socket, or ADDRESS:PORT with a numeric address such as 127.0.0.1:9000";
    char address[INET6_ADDRSTRLEN], parsed[sizeof(struct in6_addr)];
    bool prefixed = strncmp(listen, "unix:", 5) == 0;
    if (prefixed || strchr(listen, '/'))
        return validate_socket_path(listen + (prefixed ? 5 : 0));
    const char *colon = strrchr(listen, ':'), *port = colon ? colon + 1 : listen;
    size_t length = colon ? (size_t)(colon - listen) : 0;
    bool brackets = length > 2 && *listen == '[' && listen[length - 1] == ']';
    if (!is_port(port, strlen(port)) || length >= sizeof address)
        return numeric;
    if (length == 0)
        return NULL;
    snprintf(address, sizeof address, "%.*s", (int)length - 2 * brackets, listen + brackets);
    return inet_pton(brackets ? AF_INET6 : AF_INET, address, parsed) == 1 ? NULL : numeric;
}

const char *validate_address(const char *address)
{
    char parsed[sizeof(struct in6_addr)];
    bool good = inet_pton(AF_INET, address, parsed) == 1 || inet_pton(AF_INET6, address, parsed) == 1;
    return good ? NULL : "is not a numeric address such as 192.0.2.1 or 2001:db8::1";
}

/* ---- origins ---- */

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* A browser's origin is compared as a text, so it must be spelled like a browser spells it. Apps and
 * extensions have schemes of their own. */
const char *validate_origin(const char *origin)
{
    if (strcmp(origin, "*") == 0 || strcmp(origin, "null") == 0)
        return NULL;
    size_t scheme = strspn(origin, "abcdefghijklmnopqrstuvwxyz0123456789+.-");
    if (!scheme || strncmp(origin + scheme, "://", 3) != 0 || !origin[scheme + 3])
        return "is not an origin such as https://app.example";
    if (strchr(origin, '*'))
        return "must be one whole origin, or \"*\" for all";
    if (strpbrk(origin + scheme + 3, "/?#@") || has_blanks(origin))
        return "must have nothing but a scheme, a host and a port, also no slash at its end";
    if ((strncmp(origin, "http:", 5) == 0 && ends_with(origin, ":80")) ||
        (strncmp(origin, "https:", 6) == 0 && ends_with(origin, ":443")))
        return "must not have the default port, which browsers leave out";
    return NULL;
}

/* ---- headers ---- */

/* The gateway itself sends the headers of the first list. The headers of the second list would change the
 * destination, the length or the apparent origin of the request. */
const char *validate_header_name(const char *name)
{
    static const char *const own[] = {
        "authorization", "accept", "accept-encoding", "expect", NULL,
    };
    static const char *const forbidden[] = {
        "host",
        "content-type",
        "content-length",
        "transfer-encoding",
        "connection",
        "keep-alive",
        "upgrade",
        "te",
        "trailer",
        "cookie",
        "set-cookie",
        "forwarded",
        "proxy-authorization",
        "proxy-connection",
        "proxy-authenticate",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-prefix",
        "x-real-ip",
        NULL,
    };
    if (!*name || strlen(name) > 128 || !is_made_of(name, "!#$%&'*+-.^_`|~"))
        return "is not a valid header name";
    if (is_listed(name, own))
        return "the gateway sets this header itself";
    return is_listed(name, forbidden) ? "this header cannot be set" : NULL;
}

const char *validate_header_value(const char *value)
{
    if (strlen(value) > HEADER_VALUE_MAX)
        return "the value is too long for a header";
    for (; *value; value++)
        if (((unsigned char)*value < 0x20 && *value != '\t') || *value == 0x7f)
            return "the value contains a control character";
    return NULL;
}

/* ---- members of a request ---- */

/* The gateway routes by `model` and expects a response in the form that `stream` requests. */
const char *validate_member(const char *name)
{
    static const char *const own[] = {"model", "stream", NULL};
    if (!*name)
        return "the name of the member is empty";
    for (const char *const *one = own; *one; one++)
        if (strcmp(name, *one) == 0)
            return "the gateway sets this member itself";
    return NULL;
}
