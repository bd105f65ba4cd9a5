/* Adds the headers of every response (contract, section 3, "Response headers"). */
#include "protocol/response_headers.h"

#include <stdbool.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/portable.h"
#include "errors/redact.h"
#include "format/decimal.h"
#include "format/response_head.h"
#include "front/response.h"
#include "routing/ratelimit.h"
#include "usage/price.h"

#define VALUE_MAX 512 /* a longer value is cut */

/* The headers in which providers return their request id. */
static const char *const request_id_names[] = {"x-request-id", "request-id",      "x-amzn-requestid",
                                               "nvcf-reqid",   "apim-request-id", "cf-ray"};

/* The name is checked too: nginx refuses a response with a blank in a header name. */
static bool is_passed(const struct response_headers *headers, const char *name)
{
    bool delay = strcasecmp(name, "retry-after") == 0 || strcasecmp(name, "retry-after-ms") == 0;
    bool limit = strncasecmp(name, "x-ratelimit-", 12) == 0;
    if (!(limit && !headers->quota_status) && !(delay && !headers->refused))
        return false;
    return !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")];
}

static void put_redacted(struct response *response, const struct response_headers *headers, const char *name,
                         const char *value)
{
    char text[VALUE_MAX];
    *(char *)mempcpy(text, value, strnlen(value, sizeof text - 1)) = '\0';
    redact(text, sizeof text, &headers->secrets);
    response_header(response, name, text);
}

static void put_provider_lines(struct response *response, const struct response_headers *headers)
{
    const struct name_value_list *lines = &headers->head->headers;
    for (size_t i = 0; i < lines->count; i++)
        if (is_passed(headers, lines->items[i].name))
            put_redacted(response, headers, lines->items[i].name, lines->items[i].value);
    for (size_t i = 0; i < sizeof request_id_names / sizeof *request_id_names; i++) {
        const char *id = response_head_find(headers->head, request_id_names[i]);
        if (id) {
            put_redacted(response, headers, "X-Provider-Request-Id", id);
            return;
        }
    }
}

static char *put_duration(char *at, const char *name, int64_t microseconds)
{
    at = stpcpy(at, name);
    return at + decimal_write_thousandths(max_int64(microseconds, 0), at);
}

/* A response that no provider has answered, and a stream that began with a keepalive, have only the total. */
static void put_timing(struct response *response, const struct response_headers *headers)
{
    const struct response_head *head = headers->head;
    char text[160], *at = text;
    bool answered = head && head->first_byte_us >= 0;
    if (answered && head->connect_us >= 0)
        at = stpcpy(put_duration(at, "connect;dur=", head->connect_us), ", ");
    if (answered)
        at = stpcpy(put_duration(at, "ttfb;dur=", head->first_byte_us), ", ");
    put_duration(at, "total;dur=", clock_monotonic_us() - headers->started_us);
    response_header(response, "Server-Timing", text);
}

static void put_cost(struct response *response, const struct response_headers *headers)
{
    char text[COST_TEXT_SIZE];
    if (!headers->cost_header || !*headers->cost_header || headers->cost == COST_UNKNOWN)
        return;
    cost_format(headers->cost, text);
    response_header(response, headers->cost_header, text);
}

void response_headers_put(struct response *response, const struct response_headers *headers)
{
    char attempts[DECIMAL_SIZE];
    decimal_write((int64_t)headers->attempts, attempts);
    response_header(response, "X-Request-Id", headers->request_id);
    if (headers->anthropic)
        response_header(response, "request-id", headers->request_id);
    if (headers->provider)
        response_header(response, "X-Penstock-Provider", headers->provider);
    if (headers->model)
        response_header(response, "X-Penstock-Model", headers->model);
    response_header(response, "X-Penstock-Attempts", attempts);
    if (headers->stale)
        response_header(response, "X-Penstock-Stale", headers->stale);
    if (headers->quota_status)
        ratelimit_headers_put(response, headers->quota_status, headers->limits);
    put_timing(response, headers);
    put_cost(response, headers);
    if (headers->head)
        put_provider_lines(response, headers);
}
