/* What is wrong with a text that has to be of some kind.
 *
 * These are the rules behind a setting's type. They are pure functions of the text, so that a table can test
 * them; who said it and where is for the caller to tell. */
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
        return "a provider's name is up to 64 letters, digits, - and _, a letter first";
    return NULL;
}

/* ---- addresses ---- */

/* The length of the scheme at the head of `url`, 0 if it has none of these. */
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

/* "0" is a port too: one that the system chooses. */
static bool is_port(const char *text, size_t length)
{
    return length > 0 && length <= 5 && strspn(text, "0123456789") == length && atol(text) <= 65535;
}

/* HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT, `length` bytes of it. */
static const char *authority_fault(const char *text, size_t length)
{
    const char *bracket = *text == '[' ? memchr(text, ']', length) : NULL;
    const char *host_end = bracket ? bracket + 1 : memchr(text, ':', length);
    size_t host = host_end ? (size_t)(host_end - text) : length;
    if (host == 0 || (*text == '[' && !bracket))
        return "names no host";
    if (host < length && (text[host] != ':' || !is_port(text + host + 1, length - host - 1)))
        return "has a port that is no number from 0 to 65535";
    return NULL;
}

/* The address is put together with a path and printed in errors: so no query, no fragment, and no password.
 */
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
        return "has white space in it";
    if (memchr(host, '@', length))
        return "must hold no user and no password; a key belongs in api_key or api_key_file";
    if (strpbrk(url, "?#"))
        return "must have no query and no fragment";
    return authority_fault(host, length);
}

/* A user and a password are allowed here: libcurl takes them from nowhere else. */
const char *validate_proxy(const char *url)
{
    static const char *const schemes[] = {"http://",   "https://",   "socks4://", "socks4a://",
                                          "socks5://", "socks5h://", NULL};
    size_t scheme = scheme_length(url, schemes);
    if (!scheme)
        return "must begin with http://, https://, socks4://, socks4a://, socks5:// or socks5h://";
    if (strlen(url) > URL_MAX || has_blanks(url))
        return "is no address";
    const char *host = url + scheme;
    size_t length = strcspn(host, "/?#");
    const char *user_end = memrchr(host, '@', length);
    size_t skipped = user_end ? (size_t)(user_end + 1 - host) : 0;
    return authority_fault(host + skipped, length - skipped);
}

static const char *socket_path_fault(const char *path)
{
    if (*path != '/')
        return "the path of a unix socket must be absolute";
    if (strlen(path) >= sizeof((struct sockaddr_un *)0)->sun_path)
        return "the path of a unix socket has at most 107 bytes";
    return NULL;
}

/* A name instead of an address would ask the resolver at start, and could mean several addresses. */
const char *validate_listen(const char *listen)
{
    static const char numeric[] =
        "must be the path of a unix socket, or ADDRESS:PORT with a numeric address such as 127.0.0.1:9000";
    char address[INET6_ADDRSTRLEN], parsed[sizeof(struct in6_addr)];
    bool prefixed = strncmp(listen, "unix:", 5) == 0;
    if (prefixed || strchr(listen, '/'))
        return socket_path_fault(listen + (prefixed ? 5 : 0));
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
    return good ? NULL : "is no numeric address such as 192.0.2.1 or 2001:db8::1";
}

/* ---- headers ---- */

/* The first list would come twice, ours and theirs; the second would change where the request goes, how long
 * it is, or on whose behalf it seems to come. */
const char *validate_header_name(const char *name)
{
    static const char *const ours[] = {
        "authorization", "accept", "accept-encoding", "expect", NULL,
    };
    static const char *const never[] = {
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
        return "is no header's name";
    if (is_listed(name, ours))
        return "the gateway sets this header itself";
    return is_listed(name, never) ? "this header must not be set" : NULL;
}

const char *validate_header_value(const char *value)
{
    if (strlen(value) > HEADER_VALUE_MAX)
        return "the value is too long for a header";
    for (; *value; value++)
        if (((unsigned char)*value < 0x20 && *value != '\t') || *value == 0x7f)
            return "the value has a control character in it";
    return NULL;
}

/* ---- members of a request ---- */

/* `model` decides the way of a request and `stream` the form of its answer: changed behind the gateway's
 * back, it would read the answer wrongly. */
const char *validate_member(const char *name)
{
    static const char *const ours[] = {"model", "stream", NULL};
    if (!*name)
        return "a member has a name";
    for (const char *const *one = ours; *one; one++)
        if (strcmp(name, *one) == 0)
            return "the gateway itself decides about this member";
    return NULL;
}
