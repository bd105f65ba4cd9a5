/* Where a Redis is: redis://[USER@]HOST[:PORT][/DB], or redis:///PATH[?db=DB] of a unix socket. */
#include "config/redis_address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"

#define SCHEME "redis://"
#define PORT_DEFAULT 6379

static bool copy_text(char *into, size_t size, const char *from, size_t length)
{
    if (!length || length >= size)
        return false;
    memcpy(into, from, length);
    into[length] = '\0';
    return true;
}

/* Redis numbers its databases; how many there are is for the server to say. */
static const char *read_database(const char *digits, struct redis_address *address)
{
    size_t length = strlen(digits);
    if (length > 5 || strspn(digits, "0123456789") < length)
        return "must end in the number of the database, or without one";
    address->database = atoi(digits);
    return NULL;
}

static const char *use_url(const struct url *url, struct redis_address *address)
{
    size_t length = strlen(url->host);
    bool brackets = *url->host == '[';
    if (url->query)
        return "must have no query";
    if (url->password)
        return "must hold no password; that belongs in ledger_password";
    if (url->user && !copy_text(address->user, sizeof address->user, url->user, strlen(url->user)))
        return "has no user, or too long a one";
    if (!copy_text(address->host, sizeof address->host, url->host + brackets, length - (brackets ? 2 : 0)))
        return "names no host";
    address->port = url->port ? atoi(url->port) : PORT_DEFAULT;
    if (address->port == 0)
        return "has a port that is no number to 65535";
    return read_database(url->path ? url->path + 1 : "", address);
}

/* A colon without a port is no fault to RFC 3986, but more likely a port was forgotten. */
static const char *read_network(const char *text, struct redis_address *address)
{
    struct url url;
    const char *authority = text + strlen(SCHEME), *fault = NULL;
    size_t length = strcspn(authority, "/?");
    bool no_port = length && authority[length - 1] == ':';
    switch (url_parse(text, &url)) {
    case URL_OK:
        fault = no_port ? "has a port that is no number to 65535" : use_url(&url, address);
        break;
    case URL_BAD_PORT:
        fault = "has a port that is no number to 65535";
        break;
    default:
        fault = "names no host";
    }
    url_free(&url);
    return fault;
}

/* libcurl would skip the third slash and take the first folder for a host. */
static const char *read_socket(const char *path, struct redis_address *address)
{
    const char *query = strchr(path, '?');
    size_t length = query ? (size_t)(query - path) : strlen(path);
    if (!copy_text(address->path, sizeof address->path, path, length))
        return "the path of a unix socket has at most 107 bytes";
    if (query && strncmp(query, "?db=", 4) != 0)
        return "may have no query but ?db=DB";
    return query ? read_database(query + 4, address) : NULL;
}

const char *redis_address_parse(const char *url, struct redis_address *address)
{
    *address = (struct redis_address){0};
    if (strncasecmp(url, SCHEME, strlen(SCHEME)) != 0)
        return "must be redis://HOST:PORT/DB, or redis:///PATH for a unix socket";
    if (strpbrk(url, " \t\r\n#"))
        return "must have neither white space nor a fragment";
    const char *rest = url + strlen(SCHEME);
    return *rest == '/' ? read_socket(rest, address) : read_network(url, address);
}
