/* Raw FastCGI requests, complete and broken. */
#include "raw_request.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../kit/answer.h"
#include "../kit/fastcgi.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/talk.h"
#include "../kit/text.h"
#include "../kit/variables.h"
#include "../pool/chat.h"

void raw_request(struct text *bytes, const char *method, const char *url, const char *header,
                 const void *body, size_t length)
{
    struct variables variables = {0};
    char digits[24];
    snprintf(digits, sizeof digits, "%zu", length);
    variables_for_request(&variables, method, url);
    if (length) {
        variables_set_header(&variables, "Content-Type", "application/json");
        variables_set_header(&variables, "Content-Length", digits);
    }
    const char *colon = header ? strchr(header, ':') : NULL;
    if (colon) {
        char *name = copy_bytes(header, (size_t)(colon - header));
        variables_set_header(&variables, name, colon + 2);
        free(name);
    }
    fastcgi_request(bytes, &variables, body, length);
    variables_free(&variables);
}

void raw_chat_body(struct text *body, const char *model, bool stream)
{
    text_format(body,
                "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
                model, stream ? "true" : "false");
}

int raw_send(const struct service *service, const struct text *bytes)
{
    int socket = net_connect_unix(service->address, PATIENCE_MS);
    EXPECT(socket >= 0, "cannot connect");
    size_t sent = 0;
    while (sent < bytes->length) {
        ssize_t some = send(socket, bytes->bytes + sent, bytes->length - sent, MSG_NOSIGNAL);
        if (some <= 0)
            break; /* the gateway has closed */
        sent += (size_t)some;
    }
    return socket;
}

bool raw_receive(int socket, struct text *bytes, int64_t ms)
{
    for (int64_t end = now_ms() + ms;;) {
        struct pollfd wait = {.fd = socket, .events = POLLIN};
        int64_t left = end - now_ms();
        if (left <= 0 || poll(&wait, 1, (int)left) <= 0)
            return false;
        ssize_t got = read(socket, text_room(bytes, 65536), 65536);
        if (got <= 0)
            return true; /* reset is an end as well */
        text_fill(bytes, (size_t)got);
    }
}

int raw_status(const struct text *records)
{
    struct talk talk = {0};
    struct answer answer;
    text_append(&talk.records, records->bytes ? records->bytes : "", records->length);
    fastcgi_take_records(&talk);
    answer_parse(&answer, text_words(&talk.heard), talk.heard.length);
    int status = answer.status;
    text_free(&talk.records);
    text_free(&talk.heard);
    text_free(&talk.complaint);
    return status;
}

int raw_ask(const struct service *service, const char *method, const char *url, const char *header,
            const void *body, size_t length, struct text *heard)
{
    struct text bytes = {0}, came = {0};
    raw_request(&bytes, method, url, header, body, length);
    struct talk talk = {.to = -1, .from = -1};
    struct answer answer;
    talk.to = talk.from = net_connect_unix(service->address, PATIENCE_MS);
    EXPECT(talk.to >= 0, "cannot connect");
    fcntl(talk.to, F_SETFL, fcntl(talk.to, F_GETFL) | O_NONBLOCK);
    talk.out = bytes;
    for (int64_t end = now_ms() + PATIENCE_MS; talk_step(&talk, 100) && now_ms() < end;)
        continue;
    answer_parse(&answer, text_words(&talk.heard), talk.heard.length);
    int status = answer.status;
    if (heard)
        text_put(heard, text_words(&talk.heard));
    talk_end(&talk, 0);
    text_free(&came);
    return status;
}

void expect_service_within(const struct service *service, int64_t ms, const char *after)
{
    int64_t began = now_ms();
    EXPECT(chat_once(service), "no service after %s", after);
    EXPECT(now_ms() - began <= ms, "service only %d ms after %s", (int)(now_ms() - began), after);
}

void expect_no_worker_died(const struct service *service)
{
    EXPECT(!service_has_logged(service, "was killed by signal"), "a worker was ended by a signal");
    EXPECT(!service_has_logged(service, "exited with status"), "a worker left with a status");
    EXPECT(count_in_file(service->console, "Sanitizer") + count_in_file(service->console, "runtime error") ==
               0,
           "a sanitizer reports something");
}
