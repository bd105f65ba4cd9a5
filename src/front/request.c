/* One request as the web server passed it: its variables (RFC 3875) and its body. */
#include "front/request.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/failure.h"
#include "base/portable.h"
#include "config/settings.h"
#include "format/coding.h"
#include "front/front.h"

#define READ_MIN 2048
#define LARGE_BODY 65536
#define DROP_SIZE 8192
/* A body that is not announced to be too large is read and dropped up to this multiple of its limit. */
#define DRAIN_FACTOR 4
/* The time that any body may take, before its rate counts. */
#define GRACE_US (30 * INT64_C(1000000))
#define REQUEST_TIMEOUT 408

/* Copies a variable, "" if the web server has not set it. */
static bool copy_variable(struct request *request, const struct settings *settings, const char *name,
                          const char **value, struct failure *why)
{
    *value = "";
    const char *text = request->front->ops->variable(request->front, name);
    if (!text)
        return true;
    size_t length = strlen(text);
    if ((int64_t)length > settings->header_max)
        return fail(why, FAILURE_BAD_REQUEST, "%s is longer than the %lld bytes that limits.header allows",
                    name, (long long)settings->header_max);
    *value = arena_copy(request->arena, text, length);
    return true;
}

static bool is_usable_id(const char *id)
{
    size_t length = strlen(id);
    if (length == 0 || length > REQUEST_ID_MAX)
        return false;
    return strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:") == length;
}

static void choose_id(struct request *request)
{
    const char *id = request->front->ops->variable(request->front, "HTTP_X_REQUEST_ID");
    if (id && is_usable_id(id))
        snprintf(request->id, sizeof request->id, "%s", id);
    else
        digest_random_name(request->id);
}

/* Returns the token of "Bearer TOKEN" (RFC 6750, 2.1), NULL for any other scheme, which is meant for the web
 * server. */
static const char *bearer_token(const char *value)
{
    if (!value || strncasecmp(value, "Bearer", 6) != 0 || value[6] != ' ')
        return NULL;
    value += 6;
    while (*value == ' ')
        value++;
    return *value ? value : NULL;
}

/* True for "Bearer" without a token, and for a token without a scheme. Other schemes are for the web
 * server. */
static bool is_malformed_key(const char *value)
{
    if (!value || !*value)
        return false;
    bool has_scheme = strpbrk(value, " \t");
    return !has_scheme || (strncasecmp(value, "Bearer", 6) == 0 && strchr(" \t", value[6]));
}

static void wipe_credential(void *credential)
{
    secret_wipe(credential);
}

/* The length of a key is not limited, so that a wrong key gets the same response whatever its length. */
static void copy_credential(struct request *request)
{
    struct front *front = request->front;
    const char *token = bearer_token(front->ops->variable(front, "HTTP_AUTHORIZATION"));
    if (!token)
        token = bearer_token(front->ops->variable(front, "REDIRECT_HTTP_AUTHORIZATION"));
    if (!token)
        token = front->ops->variable(front, "HTTP_X_API_KEY");
    if (!token || !*token) {
        request->key_is_malformed = is_malformed_key(front->ops->variable(front, "HTTP_AUTHORIZATION")) ||
                                    is_malformed_key(
                                        front->ops->variable(front, "REDIRECT_HTTP_AUTHORIZATION"));
        return;
    }
    size_t length = strlen(token);
    while (length && token[length - 1] == ' ')
        length--;
    request->credential = secret_copy(token, length);
    arena_defer(request->arena, wipe_credential, &request->credential);
}

static void free_body(void *body)
{
    buffer_free(body);
}

static void wipe_text(void *text)
{
    explicit_bzero(text, strlen(text));
}

/* The header contains keys of providers. Later versions of the origin use the second name. */
static bool copy_provider_data(struct request *request, const struct settings *settings, struct failure *why)
{
    const char **data = &request->provider_data;
    bool fits = copy_variable(request, settings, "HTTP_X_LLAMASTACK_PROVIDER_DATA", data, why) &&
                (**data || copy_variable(request, settings, "HTTP_X_OGX_PROVIDER_DATA", data, why));
    if (fits && **data)
        arena_defer(request->arena, wipe_text, (char *)*data);
    return fits;
}

/* Some web servers do not hand the hop-by-hop header on, but all hand on the key (RFC 6455, 4.1). */
static bool wants_upgrade(struct front *front)
{
    const char *upgrade = front->ops->variable(front, "HTTP_UPGRADE");
    const char *key = front->ops->variable(front, "HTTP_SEC_WEBSOCKET_KEY");
    return (upgrade && *upgrade) || (key && *key);
}

static bool accepts_html(struct front *front)
{
    const char *accept = front->ops->variable(front, "HTTP_ACCEPT");
    return accept && strcasestr(accept, "text/html");
}

static bool copy_variables(struct request *request, const struct settings *settings, struct failure *why)
{
    return copy_variable(request, settings, "REQUEST_METHOD", &request->method, why) &&
           copy_variable(request, settings, "REQUEST_URI", &request->uri, why) &&
           copy_variable(request, settings, "SCRIPT_NAME", &request->script_name, why) &&
           copy_variable(request, settings, "PATH_INFO", &request->path_info, why) &&
           copy_variable(request, settings, "CONTENT_TYPE", &request->content_type, why) &&
           copy_variable(request, settings, "REMOTE_ADDR", &request->remote_addr, why) &&
           copy_variable(request, settings, "QUERY_STRING", &request->query, why) &&
           copy_variable(request, settings, "HTTP_X_RUN_ID", &request->run, why) &&
           copy_variable(request, settings, "HTTP_CONTENT_ENCODING", &request->encoding, why) &&
           copy_variable(request, settings, "HTTP_TRACEPARENT", &request->traceparent, why) &&
           copy_variable(request, settings, "HTTP_TRACESTATE", &request->tracestate, why) &&
           copy_provider_data(request, settings, why);
}

int64_t request_length(const struct request *request)
{
    const char *text = request->front->ops->variable(request->front, "CONTENT_LENGTH");
    if (!text || !*text)
        return LENGTH_UNKNOWN;
    char *end;
    errno = 0;
    long long length = strtoll(text, &end, 10);
    if (errno || *end || !isdigit((unsigned char)*text) || end - text > 18)
        return LENGTH_WRONG;
    return length ? length : LENGTH_UNKNOWN;
}

/* A client could otherwise hold its worker for days with a few bytes a minute. */
static bool is_too_slow(const struct request *request)
{
    int64_t elapsed_us = clock_monotonic_us() - request->body_began_us;
    return request->body_rate && elapsed_us > GRACE_US &&
           (elapsed_us - GRACE_US) / 1000000 > request->body_read / request->body_rate;
}

ssize_t request_pull(struct request *request, void *bytes, size_t size)
{
    if (request->body_ended)
        return request->client_left || request->too_slow ? -1 : 0;
    if (!request->body_began_us)
        request->body_began_us = clock_monotonic_us();
    errno = 0;
    ssize_t got = request->front->ops->read(request->front, bytes, size);
    if (got > 0)
        request->body_read += got;
    request->too_slow = got < 0 ? errno == EAGAIN : got > 0 && is_too_slow(request);
    request->client_left = got < 0 && !request->too_slow;
    request->body_ended = got <= 0 || request->too_slow;
    return request->too_slow ? -1 : got;
}

bool request_reject_slow(const struct request *request, struct failure *why)
{
    fail(why, FAILURE_BAD_REQUEST, "the body came too slowly: %lld bytes in %lld seconds",
         (long long)request->body_read,
         (long long)((clock_monotonic_us() - request->body_began_us) / 1000000));
    if (!why)
        return false;
    why->status = REQUEST_TIMEOUT;
    why->retryable = true;
    return false;
}

static void drop_some(struct request *request)
{
    char bytes[DROP_SIZE];
    request_pull(request, bytes, sizeof bytes);
}

/* Reads into the body's own memory, in steps that grow with it, so that a small request costs little. */
static void keep_some(struct request *request)
{
    struct buffer *body = &request->body;
    size_t step = body->length < READ_MIN ? READ_MIN : body->length, left = body->ceiling - body->length;
    char *room = buffer_room(body, step < left ? step : left);
    ssize_t got = request_pull(request, room, step < left ? step : left);
    if (got > 0)
        buffer_fill(body, (size_t)got);
}

/* Reads the whole body. Bytes that do not fit are dropped, up to a limit. */
static void read_all(struct request *request)
{
    int64_t limit = (int64_t)request->body.ceiling * DRAIN_FACTOR;
    while (!request->body_ended && request->body_read <= limit)
        if (request->body.length == request->body.ceiling)
            drop_some(request);
        else
            keep_some(request);
}

bool request_drain(struct request *request, int64_t limit_ms)
{
    char bytes[DROP_SIZE];
    int64_t until_us = clock_monotonic_us() + limit_ms * 1000;
    if (request->body_ended && !request->too_slow)
        return true;
    request->front->ops->limit_reads(request->front, limit_ms);
    while (clock_monotonic_us() < until_us) {
        errno = 0;
        ssize_t got = request->front->ops->read(request->front, bytes, sizeof bytes);
        if (got > 0) {
            request->body_read += got;
            continue;
        }
        if (got < 0 && errno == EAGAIN)
            return false;
        request->body_ended = true;
        request->too_slow = false;
        request->client_left = got < 0;
        return true;
    }
    return false;
}

/* ---- content codings ---- */

static bool refuse_coding(struct request *request, const char *accept, struct failure *why)
{
    request->accept = accept;
    return fail(why, FAILURE_UNSUPPORTED_MEDIA_TYPE,
                "the Content-Encoding \"%.60s\" is not supported for this body; supported: %s",
                request->encoding, accept);
}

bool request_has_no_coding(struct request *request, struct failure *why)
{
    enum coding coding;
    return (coding_read(request->encoding, &coding) && coding == CODING_IDENTITY) ||
           refuse_coding(request, "identity", why);
}

/* Coding may enlarge a body a little. */
static size_t coded_ceiling(const struct settings *settings)
{
    return (size_t)(settings->body_max + settings->body_max / 256 + READ_MIN);
}

static bool refuse_size(const struct settings *settings, struct failure *why)
{
    return fail(why, FAILURE_TOO_LARGE, "the body is larger than the %lld bytes that limits.body allows",
                (long long)settings->body_max);
}

/* Replaces the body by the decoded one, to which the ceiling applies. */
static bool decode_body(struct request *request, enum coding coding, const struct settings *settings,
                        struct failure *why)
{
    struct buffer decoded;
    buffer_init(&decoded, (size_t)settings->body_max);
    enum coding_result result = coding_decode(coding, request->body.bytes, request->body.length, &decoded);
    buffer_free(&request->body);
    request->body = decoded;
    if (result == CODING_TOO_LARGE)
        return refuse_size(settings, why);
    return result == CODING_DECODED ||
           fail(why, FAILURE_BAD_REQUEST, "the body cannot be decoded: its %s is %s", coding_name(coding),
                result == CODING_TRUNCATED ? "truncated" : "corrupt");
}

/* A request without a body may have the header all the same. */
static bool read_coding(struct request *request, enum coding *coding, const struct settings *settings,
                        struct failure *why)
{
    *coding = CODING_IDENTITY;
    if (request_is(request, "GET"))
        return true;
    if (!coding_read(request->encoding, coding))
        return refuse_coding(request, codings_known, why);
    if (*coding != CODING_IDENTITY)
        request->body.ceiling = coded_ceiling(settings);
    return true;
}

bool request_arrives(struct request *request, const struct settings *settings, int64_t limit_ms)
{
    int64_t until_us = clock_monotonic_us() + limit_ms * 1000;
    size_t most = min_size(LARGE_BODY, request->body.ceiling);
    if (request_length(request) >= LARGE_BODY)
        return request_length(request) > (int64_t)coded_ceiling(settings); /* it is not read at all */
    request->front->ops->limit_reads(request->front, limit_ms);
    while (!request->body_ended && request->body.length < most && clock_monotonic_us() < until_us)
        keep_some(request);
    if (request->too_slow)
        request->too_slow = request->body_ended = false;
    request->front->ops->limit_reads(request->front, settings->client_timeout_ms);
    return request->body_ended;
}

bool request_read(struct request *request, const struct settings *settings, struct failure *why)
{
    enum coding coding;
    int64_t announced = request_length(request);
    if (!read_coding(request, &coding, settings, why))
        return false;
    if (announced > (int64_t)request->body.ceiling)
        return refuse_size(settings, why);
    read_all(request);
    if (request->too_slow)
        return request_reject_slow(request, why);
    if (request->client_left)
        return fail(why, FAILURE_BAD_REQUEST, "the client left after %lld bytes of the body",
                    (long long)request->body_read);
    if (request->body_read > (int64_t)request->body.ceiling)
        return refuse_size(settings, why);
    if (announced == LENGTH_WRONG)
        return fail(why, FAILURE_BAD_REQUEST, "Content-Length is not a number");
    if (announced >= 0 && request->body_read < announced)
        return fail(why, FAILURE_BAD_REQUEST, "the body ended after %lld of %lld bytes",
                    (long long)request->body_read, (long long)announced);
    return coding == CODING_IDENTITY || decode_body(request, coding, settings, why);
}

bool request_open(struct request *request, struct front *front, struct arena *arena,
                  const struct settings *settings, struct failure *why)
{
    *request = (struct request){.front = front, .arena = arena, .method = "", .uri = ""};
    request->script_name = request->path_info = request->content_type = request->remote_addr = "";
    request->query = request->run = request->provider_data = request->encoding = "";
    request->traceparent = request->tracestate = "";
    request->body_rate = settings->body_rate;
    buffer_init(&request->body, (size_t)settings->body_max);
    arena_defer(arena, free_body, &request->body);
    choose_id(request);
    copy_credential(request);
    request->upgrade = wants_upgrade(front);
    request->anthropic = front->ops->variable(front, "HTTP_ANTHROPIC_VERSION");
    request->wants_page = accepts_html(front);
    return copy_variables(request, settings, why);
}

bool request_is_head(const struct request *request)
{
    return strcmp(request->method, "HEAD") == 0;
}

bool request_is(const struct request *request, const char *method)
{
    return strcmp(request->method, method) == 0 || (request_is_head(request) && strcmp(method, "GET") == 0);
}
