/* Decides about requests that browsers send for web pages (Fetch standard, "CORS protocol").
 *
 * A browser tells by the header Origin for which page it sends a request, and by Sec-Fetch-Site whether that
 * page is one of ours. It lets a page of another origin read a response only if the response allows it. But a
 * request that a plain form could send needs no preflight, and costs money although the page cannot read
 * the response. A request with a key cannot be forged like this, because the browser asks before it sends the
 * header of a key.
 *
 * Credentials are never allowed: a page must bring a key, and cannot use a login. */
#include "routing/origin.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/failure.h"
#include "config/settings_types.h"
#include "front/front.h"
#include "front/request.h"
#include "front/response.h"
#include "routing/route.h"

#define HEADERS_MAX 1024 /* of the list of headers that a preflight asks for */
#define EXPOSED_SIZE 512
#define TYPE_IS(type, name) is_type(type, name, sizeof(name) - 1)

#define MAX_AGE_S "600"
#define METHODS "GET, HEAD, POST, PUT, PATCH, DELETE"

/* A page may read a few headers without being allowed to; these are all others of ours. */
#define EXPOSED                                                                                              \
    "X-Request-Id, X-Provider-Request-Id, X-Penstock-Provider, X-Penstock-Model, X-Penstock-Attempts, "      \
    "X-Penstock-Error-Source, X-Penstock-Stale, Server-Timing, Retry-After, retry-after-ms, "                \
    "x-should-retry, x-ratelimit-limit-requests, x-ratelimit-remaining-requests, "                           \
    "x-ratelimit-reset-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, "                   \
    "x-ratelimit-reset-tokens"

static const char *variable(const struct request *request, const char *name)
{
    const char *value = request->front->ops->variable(request->front, name);
    return value ? value : "";
}

static const char *origin_of(const struct request *request)
{
    return variable(request, "HTTP_ORIGIN");
}

/* Returns the value of Access-Control-Allow-Origin, NULL if the origin is not listed. */
static const char *allowed_origin(const struct settings *settings, const char *origin)
{
    const char *any = NULL;
    for (size_t i = 0; *origin && i < settings->origins.count; i++) {
        if (strcasecmp(settings->origins.items[i], origin) == 0)
            return origin;
        if (strcmp(settings->origins.items[i], "*") == 0)
            any = "*";
    }
    return any;
}

/* ---- headers ---- */

static void put_exposed(const struct settings *settings, struct response *response)
{
    char list[sizeof EXPOSED + EXPOSED_SIZE];
    const char *cost = settings->cost_header;
    bool has_cost = *cost && strlen(cost) < EXPOSED_SIZE - 2;
    snprintf(list, sizeof list, "%s%s%s", EXPOSED, has_cost ? ", " : "", has_cost ? cost : "");
    response_header(response, "Access-Control-Expose-Headers", list);
}

/* Caches must know that the response depends on the origin even if this request has none. */
void origin_put_headers(const struct settings *settings, const struct request *request,
                        struct response *response)
{
    if (!settings->origins.count)
        return;
    response_header(response, "Vary", "Origin");
    const char *allowed = allowed_origin(settings, origin_of(request));
    if (!allowed)
        return;
    response_header(response, "Access-Control-Allow-Origin", allowed);
    put_exposed(settings, response);
}

bool origin_is_preflight(const struct settings *settings, const struct request *request)
{
    return settings->origins.count && strcmp(request->method, "OPTIONS") == 0 && *origin_of(request) &&
           *variable(request, "HTTP_ACCESS_CONTROL_REQUEST_METHOD");
}

/* Returns the headers that the page wants to send, "" if the value is not a list of names. */
static const char *requested_headers(const struct request *request)
{
    const char *list = variable(request, "HTTP_ACCESS_CONTROL_REQUEST_HEADERS");
    size_t length = strspn(list, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_, ");
    return list[length] || length > HEADERS_MAX ? "" : list;
}

/* "*" would not stand for Authorization, so the list is repeated. */
void origin_put_permission(const struct settings *settings, const struct request *request,
                           struct response *response)
{
    if (!allowed_origin(settings, origin_of(request)))
        return;
    const char *headers = requested_headers(request);
    response_header(response, "Access-Control-Allow-Methods", METHODS);
    if (*headers)
        response_header(response, "Access-Control-Allow-Headers", headers);
    response_header(response, "Access-Control-Max-Age", MAX_AGE_S);
}

/* ---- requests without a key ---- */

/* Splits "host:port" or "[::1]:port"; returns the length of the host, and the port, "" if there is none. */
static size_t split_authority(const char *authority, const char **port)
{
    size_t length = strlen(authority);
    const char *colon = strrchr(authority, ':'), *bracket = strrchr(authority, ']');
    bool has_port = colon && (!bracket || colon > bracket);
    *port = has_port ? colon + 1 : "";
    return has_port ? (size_t)(colon - authority) : length;
}

static const char *default_port(const char *origin)
{
    return strncasecmp(origin, "https:", 6) == 0 ? "443" : "80";
}

/* True if the origin is the host that the request was sent to. Some web servers leave the port out of
 * HTTP_HOST; it is then the default port, or the one that the server listens on. */
static bool is_own_host(const struct request *request, const char *origin)
{
    const char *host = variable(request, "HTTP_HOST"), *scheme_end = strstr(origin, "://");
    const char *port, *own_port;
    if (!*host)
        host = variable(request, "SERVER_NAME");
    if (!scheme_end || !*host)
        return false;
    const char *authority = scheme_end + 3;
    size_t length = split_authority(authority, &port), own_length = split_authority(host, &own_port);
    if (length != own_length || strncasecmp(authority, host, length) != 0)
        return false;
    const char *wanted = *port ? port : default_port(origin);
    if (*own_port)
        return strcmp(wanted, own_port) == 0;
    return strcmp(wanted, default_port(origin)) == 0 || strcmp(wanted, variable(request, "SERVER_PORT")) == 0;
}

static bool is_foreign_site(const struct request *request)
{
    const char *site = variable(request, "HTTP_SEC_FETCH_SITE");
    return strcasecmp(site, "cross-site") == 0 || strcasecmp(site, "same-site") == 0;
}

/* A person may follow a link to a page for people. Only the person sees it, not the page with the link. */
static bool is_visit(const struct request *request, const struct route *route)
{
    return route->monitoring && request_is(request, "GET") &&
           strcasecmp(variable(request, "HTTP_SEC_FETCH_MODE"), "navigate") == 0 &&
           strcasecmp(variable(request, "HTTP_SEC_FETCH_DEST"), "document") == 0;
}

/* "*" opens the gateway to pages of any site, but not a visitor's login, which a browser sends along with a
 * form: such a page could spend the visitor's money. */
static bool check_site(const struct settings *settings, const struct request *request,
                       const struct route *route, bool has_login, struct failure *why)
{
    const char *origin = origin_of(request), *allowed = allowed_origin(settings, origin);
    if (allowed && !(has_login && strcmp(allowed, "*") == 0))
        return true;
    if (*origin && !is_own_host(request, origin))
        return fail(why, FAILURE_FORBIDDEN,
                    "a page of %.100s may not use the gateway without a key: access.origins does not list it",
                    origin);
    if (is_foreign_site(request) && !is_visit(request, route))
        return fail(why, FAILURE_FORBIDDEN, "a page of another site may not use the gateway without a key");
    return true;
}

static bool is_type(const char *type, const char *name, size_t length)
{
    return strncasecmp(type, name, length) == 0 && strchr("; \t", type[length]);
}

/* A POST without a type and a body is none that a form sends, and no route of a provider takes it. */
static bool is_empty(const struct request *request, const struct route *route)
{
    return !route->upstream && !*request->content_type && request_length(request) == LENGTH_UNKNOWN;
}

static bool check_type(const struct request *request, const struct route *route, struct failure *why)
{
    const char *type = request->content_type;
    bool is_good = TYPE_IS(type, "application/json") || is_empty(request, route) ||
                   (route->unbuffered && TYPE_IS(type, "multipart/form-data"));
    return is_good || fail(why, FAILURE_UNSUPPORTED_MEDIA_TYPE,
                           "without a key the Content-Type must be application/json%s",
                           route->unbuffered ? " or multipart/form-data" : "");
}

bool origin_check(const struct settings *settings, const struct request *request, const struct route *route,
                  bool has_login, struct failure *why)
{
    return check_site(settings, request, route, has_login, why) &&
           (strcmp(request->method, "POST") != 0 || check_type(request, route, why));
}
