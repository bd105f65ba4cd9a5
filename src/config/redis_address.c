/* Where a Redis is: redis://[USER@]HOST[:PORT][/DB], or redis:///PATH[?db=DB] of a unix socket. */
#include "config/redis_address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/portable.h"

#define SCHEME "redis://"
#define PORT_DEFAULT 6379

static bool take(char *into, size_t size, const char *from, size_t length)
{
    if (!length || length >= size)
        return false;
    memcpy(into, from, length);
    into[length] = '\0';
    return true;
}

static bool take_number(int *into, const char *digits, size_t length)
{
    if (!length || length > 5 || strspn(digits, "0123456789") < length)
        return false;
    *into = atoi(digits);
    return true;
}

/* Redis numbers its databases; how many there are is for the server to say. */
static const char *read_database(const char *digits, struct redis_address *address)
{
    bool good = !*digits || take_number(&address->database, digits, strlen(digits));
    return good ? NULL : "must end in the number of the database, or without one";
}

static const char *read_user(const char *user, size_t length, struct redis_address *address)
{
    if (memchr(user, ':', length))
        return "must hold no password; that belongs in ledger_password";
    return take(address->user, sizeof address->user, user, length) ? NULL : "has no user, or too long a one";
}

/* HOST or [ADDRESS], and a port behind a colon. */
static const char *read_host(const char *text, size_t length, struct redis_address *address)
{
    const char *bracket = *text == '[' ? memchr(text, ']', length) : NULL;
    const char *end = bracket ? bracket + 1 : memchr(text, ':', length);
    size_t host = end ? (size_t)(end - text) : length;
    bool named = take(address->host, sizeof address->host, text + !!bracket, host - (bracket ? 2 : 0));
    if (!named || (*text == '[' && !bracket))
        return "names no host";
    address->port = PORT_DEFAULT;
    if (host == length)
        return NULL;
    bool good = text[host] == ':' && take_number(&address->port, text + host + 1, length - host - 1);
    return good && address->port > 0 && address->port < 65536 ? NULL
                                                              : "has a port that is no number to 65535";
}

static const char *read_network(const char *text, struct redis_address *address)
{
    size_t length = strcspn(text, "/");
    const char *user_end = memrchr(text, '@', length), *fault = NULL;
    size_t skipped = user_end ? (size_t)(user_end + 1 - text) : 0;
    if (strchr(text, '?'))
        return "must have no query";
    if (user_end)
        fault = read_user(text, skipped - 1, address);
    if (!fault)
        fault = read_host(text + skipped, length - skipped, address);
    return fault ? fault : read_database(text[length] ? text + length + 1 : "", address);
}

static const char *read_socket(const char *path, struct redis_address *address)
{
    const char *query = strchr(path, '?');
    size_t length = query ? (size_t)(query - path) : strlen(path);
    if (!take(address->path, sizeof address->path, path, length))
        return "the path of a unix socket has at most 107 bytes";
    if (query && strncmp(query, "?db=", 4) != 0)
        return "may have no query but ?db=DB";
    return query ? read_database(query + 4, address) : NULL;
}

const char *redis_address_read(const char *url, struct redis_address *address)
{
    *address = (struct redis_address){0};
    if (strncasecmp(url, SCHEME, strlen(SCHEME)) != 0)
        return "must be redis://HOST:PORT/DB, or redis:///PATH for a unix socket";
    if (strpbrk(url, " \t\r\n#"))
        return "must have neither white space nor a fragment";
    const char *rest = url + strlen(SCHEME);
    return *rest == '/' ? read_socket(rest, address) : read_network(rest, address);
}
