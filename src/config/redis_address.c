/* The address of a Redis server: redis://[USER@]HOST[:PORT][/DB], or redis:///PATH[?db=DB] for a unix
 * socket. */
#include "config/redis_address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/url.h"

#define SCHEME "redis://"
#define PORT_DEFAULT 6379

static bool copy_part(char *into, size_t size, const char *from, size_t length)
{
    if (!length || length >= size)
        return false;
    memcpy(into, from, length);
    into[length] = '\0';
    return true;
}

/* The server checks the limit, because the number of databases is its own setting. */
static const char *parse_database(const char *digits, struct redis_address *address)
{
    size_t length = strlen(digits);
    if (length > 5 || strspn(digits, "0123456789") < length)
        return "must end with a database number such as /0, or omit it";
    address->database = atoi(digits);
    return NULL;
}

static const char *use_url(const struct url *url, struct redis_address *address)
{
    size_t length = strlen(url->host);
    bool brackets = *url->host == '[';
    if (url->query)
        return "must not have a query";
    if (url->password)
        return "must not contain a password; set it with ledger_password";
    if (url->user && !copy_part(address->user, sizeof address->user, url->user, strlen(url->user)))
        return "has an empty or too long user name";
    if (!copy_part(address->host, sizeof address->host, url->host + brackets, length - (brackets ? 2 : 0)))
        return "has no host";
    address->port = url->port ? atoi(url->port) : PORT_DEFAULT;
    if (address->port == 0)
        return "must have a port from 1 to 65535";
    return parse_database(url->path ? url->path + 1 : "", address);
}

/* RFC 3986 allows a colon without a port, but here the port was probably forgotten. */
static const char *parse_network(const char *text, struct redis_address *address)
{
    struct url url;
    const char *authority = text + strlen(SCHEME), *error = NULL;
    size_t length = strcspn(authority, "/?");
    bool no_port = length && authority[length - 1] == ':';
    if (*authority == '@') /* libcurl before 7.75 ignores the empty name */
        return "has an empty or too long user name";
    switch (url_parse(text, &url)) {
    case URL_OK:
        error = no_port ? "must have a port from 1 to 65535" : use_url(&url, address);
        break;
    case URL_BAD_PORT:
        error = "must have a port from 1 to 65535";
        break;
    default:
        error = "has no host";
    }
    url_free(&url);
    return error;
}

/* libcurl would skip the third slash and read the first folder as the host. */
static const char *parse_socket(const char *path, struct redis_address *address)
{
    const char *query = strchr(path, '?');
    size_t length = query ? (size_t)(query - path) : strlen(path);
    if (!copy_part(address->path, sizeof address->path, path, length))
        return "the path of a unix socket must not be longer than 107 bytes";
    if (query && strncmp(query, "?db=", 4) != 0)
        return "must not have a query other than ?db=DB";
    return query ? parse_database(query + 4, address) : NULL;
}

const char *redis_address_parse(const char *url, struct redis_address *address)
{
    *address = (struct redis_address){0};
    if (strncasecmp(url, SCHEME, strlen(SCHEME)) != 0)
        return "must be redis://HOST:PORT/DB, or redis:///PATH for a unix socket";
    if (strpbrk(url, " \t\r\n#"))
        return "must not contain white space or a fragment";
    const char *rest = url + strlen(SCHEME);
    return *rest == '/' ? parse_socket(rest, address) : parse_network(url, address);
}
