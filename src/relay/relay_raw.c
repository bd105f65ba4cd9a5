/* Passes on an answer of any kind as it arrives, such as sound, subtitles, or events of other APIs than chat.
 *
 * The gateway cannot add an error to such an answer. An answer that breaks off after its beginning just ends.
 * The client can detect that only if the length was announced; the usage record reports it in any case. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "config/settings.h"
#include "front/response.h"
#include "relay/raw_meter.h"
#include "relay/relay_internal.h"
#include "upstream/upstream.h"
#include "usage/exchange_end.h"

#define TYPE_MAX 256
#define HEADER_MAX 512
#define NO_CONTENT 204
#define NOT_MODIFIED 304
#define DEFAULT_TYPE "application/octet-stream"
#define LAST_BYTE_US (2 * 1000000) /* as after the finish of a chat stream */

struct passage {
    struct relay *relay;
    struct raw_meter meter;
    int64_t left; /* bytes of the answer still to come; negative: its length is not known */
};

static bool is_type(const char *type, const char *name)
{
    size_t length = strlen(name);
    return strncasecmp(type, name, length) == 0 && strchr("; \t", type[length]);
}

/* JSON may be an error in spite of a 2xx, HTML always is an error, and a 202 may announce a later answer. */
static bool needs_check(const struct relay *relay)
{
    const struct upstream_answer *answer = relay->answer;
    bool is_error = answer->head.status < 200 || answer->head.status > 299;
    if (relay->job->any)
        return is_error && answer->head.status != NOT_MODIFIED;
    const char *type = response_head_find(&answer->head, "Content-Type");
    if (is_error || answer->head.status == 202)
        return true;
    return type && (is_type(type, "application/json") || is_type(type, "text/html"));
}

/* Returns NULL if the length is unknown. Content-Length has no meaning beside a transfer coding (RFC
 * 9112, 6.3), and beside a content coding it is the length of what was decoded. */
static const char *content_length(const struct upstream_answer *answer)
{
    const char *length = response_head_find(&answer->head, "Content-Length");
    bool is_number = length && *length && strspn(length, "0123456789") == strlen(length) &&
                     strlen(length) < 19;
    bool is_coded = response_head_find(&answer->head, "Transfer-Encoding") ||
                    response_head_find(&answer->head, "Content-Encoding");
    return is_number && !is_coded ? length : NULL;
}

static const char *client_type(const char *type)
{
    if (!type || !*type || strlen(type) >= TYPE_MAX)
        return DEFAULT_TYPE;
    return is_type(type, "text/event-stream") && !strchr(type, ';') ? EVENT_STREAM_TYPE : type;
}

/* Passes on the headers without which a client could not tell what it got (RFC 9110, 8, 14 and 15). */
static void put_content_headers(const struct relay_job *job, const struct upstream_answer *answer)
{
    static const char *const names[] = {"Content-Disposition", "Content-Range", "Accept-Ranges", "ETag",
                                        "Last-Modified"};
    /* An object of one client must not become a script of this site in the browser of another one. */
    response_header(job->response, "X-Content-Type-Options", "nosniff");
    response_header(job->response, "Content-Security-Policy", "sandbox");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = response_head_find(&answer->head, names[i]);
        if (value && strlen(value) < HEADER_MAX)
            response_header(job->response, names[i], value);
    }
}

static void put_head(const struct relay_job *job, const struct upstream_answer *answer)
{
    const char *type = response_head_find(&answer->head, "Content-Type"), *length = content_length(answer);
    int status = job->any ? answer->head.status : 200;
    response_begin(job->response, status);
    if (type || (status != NO_CONTENT && status != NOT_MODIFIED))
        response_header(job->response, "Content-Type", client_type(type));
    if (length)
        response_header(job->response, "Content-Length", length);
    if (job->any)
        put_content_headers(job, answer);
    response_header(job->response, "X-Accel-Buffering", "no");
    response_headers_put(job->response, &job->headers);
}

/* True if the client would take the bytes that have arrived for the whole answer. Their last byte is kept
 * until the answer has ended, because the client's next request must find this one settled. */
static bool looks_whole(const struct passage *passage)
{
    return passage->left == 0 || passage->meter.finished;
}

/* Sends the bytes that have arrived, but `kept` of them. An answer without a body is sent after its end. */
static void send_arrived(const struct passage *passage, size_t kept)
{
    const struct relay *relay = passage->relay;
    struct upstream_answer *answer = relay->answer;
    struct response *response = relay->job->response;
    size_t length = answer->body.length - kept;
    if (!length && (!answer->ended || response->begun))
        return;
    if (!response->begun) {
        relay->job->content_begins(relay->job->context);
        put_head(relay->job, answer);
    }
    response_send(response, answer->body.bytes, length, answer->ended ? FRONT_LAST : FRONT_FLUSH);
    buffer_consume(&answer->body, length);
}

/* `known` bytes are left from the last time. */
static void measure(struct passage *passage, size_t known)
{
    const struct buffer *body = &passage->relay->answer->body;
    raw_meter_take(&passage->meter, body->bytes + known, body->length - known);
    if (passage->left >= 0)
        passage->left -= (int64_t)(body->length - known);
}

static bool send_pieces(struct passage *passage, struct failure *why)
{
    struct relay *relay = passage->relay;
    const struct response *response = relay->job->response;
    for (size_t kept = 0;;) {
        measure(passage, kept);
        kept = !relay->answer->ended && looks_whole(passage) && relay->answer->body.length;
        send_arrived(passage, kept);
        if (response->broken)
            return relay_client_left(relay);
        if (relay->answer->ended)
            break;
        switch (relay_wait(&relay->wait, kept ? LAST_BYTE_US : -1, why)) {
        case RELAY_CLIENT_GONE:
            return relay_client_left(relay);
        case RELAY_FAILED:
            measure(passage, kept);
            if (!response->begun)
                return false;
            send_arrived(passage, 0);
            relay_note_failure(relay, why);
            return true;
        case RELAY_TIMEOUT:
            send_arrived(passage, 0);
            passage->meter.finished = false;
            kept = 0;
            break;
        case RELAY_PROGRESS:
            break;
        }
    }
    relay->result->end = END_COMPLETE;
    return true;
}

static void open_meter(struct raw_meter *meter, const struct relay *relay)
{
    const char *type = response_head_find(&relay->answer->head, "Content-Type");
    raw_meter_open(meter, relay->job->any ? NULL : type, (size_t)relay->job->settings->event_max);
}

static void close_meter(struct raw_meter *meter, const struct relay *relay)
{
    relay->result->usage = meter->usage;
    relay->result->characters = meter->characters;
    raw_meter_close(meter);
}

static bool pass(struct relay *relay, struct failure *why)
{
    const struct upstream_answer *answer = relay->answer;
    struct passage passage = {.relay = relay, .left = -1};
    const char *length = content_length(answer);
    if (length)
        passage.left = strtoll(length, NULL, 10);
    open_meter(&passage.meter, relay);
    bool passed = send_pieces(&passage, why);
    close_meter(&passage.meter, relay);
    return passed;
}

/* The beginning of an answer may arrive together with its failure. */
static void note_beginning(struct relay *relay)
{
    const struct upstream_answer *answer = relay->answer;
    struct raw_meter meter;
    if (needs_check(relay)) {
        relay_note_part(relay);
        return;
    }
    open_meter(&meter, relay);
    raw_meter_take(&meter, answer->body.bytes, answer->body.length);
    close_meter(&meter, relay);
}

bool relay_raw(struct relay *relay, struct failure *why)
{
    while (!relay->answer->headers_done) {
        enum relay_event event = relay_wait(&relay->wait, -1, why);
        if (event == RELAY_FAILED || event == RELAY_CLIENT_GONE)
            note_beginning(relay);
        if (event == RELAY_FAILED)
            return false;
        if (event == RELAY_CLIENT_GONE)
            return relay_client_left(relay);
    }
    return needs_check(relay) ? relay_buffered(relay, why) : pass(relay, why);
}
