/* Passes on an answer of any kind as it arrives, such as sound, subtitles, or events of other APIs than chat.
 *
 * The gateway cannot add an error to such an answer. An answer that breaks off after its beginning just ends.
 * The client can detect that only if the length was announced; the usage record reports it in any case. */
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "front/response.h"
#include "relay/relay_internal.h"
#include "upstream/upstream.h"
#include "usage/exchange_end.h"

#define TYPE_MAX 256
#define DEFAULT_TYPE "application/octet-stream"

static bool is_type(const char *type, const char *name)
{
    size_t length = strlen(name);
    return strncasecmp(type, name, length) == 0 && strchr("; \t", type[length]);
}

/* JSON may be an error in spite of a 2xx, HTML always is an error, and a 202 may announce a later answer. */
static bool needs_check(const struct upstream_answer *answer)
{
    const char *type = response_head_find(&answer->head, "Content-Type");
    if (answer->head.status < 200 || answer->head.status > 299 || answer->head.status == 202)
        return true;
    return type && (is_type(type, "application/json") || is_type(type, "text/html"));
}

/* Returns NULL if the length is unknown. Content-Length has no meaning beside a transfer coding (RFC
 * 9112, 6.3). */
static const char *content_length(const struct upstream_answer *answer)
{
    const char *length = response_head_find(&answer->head, "Content-Length");
    bool is_number = length && *length && strspn(length, "0123456789") == strlen(length) &&
                     strlen(length) < 19;
    return is_number && !response_head_find(&answer->head, "Transfer-Encoding") ? length : NULL;
}

static void put_head(const struct relay_job *job, const struct upstream_answer *answer)
{
    const char *type = response_head_find(&answer->head, "Content-Type"), *length = content_length(answer);
    response_begin(job->response, 200);
    response_header(job->response, "Content-Type",
                    type && *type && strlen(type) < TYPE_MAX ? type : DEFAULT_TYPE);
    if (length)
        response_header(job->response, "Content-Length", length);
    response_header(job->response, "X-Accel-Buffering", "no");
    response_headers_put(job->response, &job->headers);
}

/* Sends the bytes that have arrived. An answer without a body is sent after its end. */
static void send_arrived(struct relay *relay)
{
    struct upstream_answer *answer = relay->answer;
    struct response *response = relay->job->response;
    if (!answer->body.length && (!answer->ended || response->begun))
        return;
    if (!response->begun)
        put_head(relay->job, answer);
    response_send(response, answer->body.bytes, answer->body.length,
                  answer->ended ? FRONT_LAST : FRONT_FLUSH);
    buffer_consume(&answer->body, answer->body.length);
}

static bool send_pieces(struct relay *relay, struct failure *why)
{
    const struct response *response = relay->job->response;
    for (;;) {
        send_arrived(relay);
        if (response->broken)
            return relay_client_left(relay);
        if (relay->answer->ended)
            break;
        switch (relay_wait(&relay->wait, -1, why)) {
        case RELAY_CLIENT_GONE:
            return relay_client_left(relay);
        case RELAY_FAILED:
            if (!response->begun)
                return false;
            send_arrived(relay);
            relay_note_failure(relay, why);
            return true;
        case RELAY_PROGRESS:
        case RELAY_TIMEOUT:
            break;
        }
    }
    relay->result->end = END_COMPLETE;
    return true;
}

bool relay_raw(struct relay *relay, struct failure *why)
{
    while (!relay->answer->headers_done) {
        enum relay_event event = relay_wait(&relay->wait, -1, why);
        if (event == RELAY_FAILED)
            return false;
        if (event == RELAY_CLIENT_GONE)
            return relay_client_left(relay);
    }
    return needs_check(relay->answer) ? relay_buffered(relay, why) : send_pieces(relay, why);
}
