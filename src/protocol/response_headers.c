/* The header lines that every answer bears (contract, section 3, "Response headers"). */
#include "protocol/response_headers.h"

#include <stdbool.h>
#include <string.h>

#include "base/decimal.h"
#include "errors/redact.h"
#include "front/response.h"
#include "routing/ratelimit.h"
#include "upstream/upstream.h"

#define VALUE_MAX 512 /* ids and numbers are short; a longer value is cut */

/* What providers call the id under which they know the request. */
static const char *const request_id_names[] = {"x-request-id", "request-id",      "x-amzn-requestid",
                                               "nvcf-reqid",   "apim-request-id", "cf-ray"};

/* Names are checked as well: a blank in one makes nginx refuse the whole answer. */
static bool is_passed(const struct heading *heading, const char *name)
{
    bool delay = strcasecmp(name, "retry-after") == 0 || strcasecmp(name, "retry-after-ms") == 0;
    bool limit = strncasecmp(name, "x-ratelimit-", 12) == 0;
    if (!(limit && !heading->standing) && !(delay && !heading->refused))
        return false;
    return !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")];
}

static void put_redacted(struct reply *reply, const struct heading *heading, const char *name,
                         const char *value)
{
    char text[VALUE_MAX];
    *(char *)mempcpy(text, value, strnlen(value, sizeof text - 1)) = '\0';
    redact(text, sizeof text, &heading->secrets);
    reply_header(reply, name, text);
}

static void put_provider_lines(struct reply *reply, const struct heading *heading)
{
    const struct upstream_answer *answer = heading->answer;
    for (size_t i = 0; i < answer->header_count; i++)
        if (is_passed(heading, answer->headers[i].name))
            put_redacted(reply, heading, answer->headers[i].name, answer->headers[i].value);
    for (size_t i = 0; i < sizeof request_id_names / sizeof *request_id_names; i++) {
        const char *id = upstream_header(answer, request_id_names[i]);
        if (id) {
            put_redacted(reply, heading, "X-Provider-Request-Id", id);
            return;
        }
    }
}

static void put_timing(struct reply *reply, const struct upstream_answer *answer)
{
    char text[96], *at = text;
    if (answer->first_byte_us < 0)
        return;
    if (answer->connect_us >= 0) {
        at = stpcpy(at, "connect;dur=");
        at = stpcpy(at + decimal_write_thousandths(answer->connect_us, at), ", ");
    }
    at = stpcpy(at, "ttfb;dur=");
    decimal_write_thousandths(answer->first_byte_us, at);
    reply_header(reply, "Server-Timing", text);
}

void heading_put(struct reply *reply, const struct heading *heading)
{
    char attempts[DECIMAL_SIZE];
    decimal_write((int64_t)heading->attempts, attempts);
    reply_header(reply, "X-Request-Id", heading->request_id);
    if (heading->provider)
        reply_header(reply, "X-Penstock-Provider", heading->provider);
    if (heading->model)
        reply_header(reply, "X-Penstock-Model", heading->model);
    reply_header(reply, "X-Penstock-Attempts", attempts);
    if (heading->stale)
        reply_header(reply, "X-Penstock-Stale", heading->stale);
    if (heading->standing)
        standing_put(reply, heading->standing, heading->limits);
    if (!heading->answer)
        return;
    put_timing(reply, heading->answer);
    put_provider_lines(reply, heading);
}
