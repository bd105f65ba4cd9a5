/* A client that sends one request on a connection of its own. */
#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../kit/answer.h"
#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/variables.h"
#include "expect.h"
#include "http.h"
#include "site.h"
#include "tcp.h"

unsigned client_port(const struct http_client *client)
{
    struct sockaddr_in mine = {0};
    socklen_t size = sizeof mine;
    getsockname(client->talk.from, (struct sockaddr *)&mine, &size);
    return ntohs(mine.sin_port);
}

static void put_url(struct text *url, const struct site *site, const char *path)
{
    bool absolute = path[1] == '/';
    text_format(url, "%s%s", absolute ? "" : site->mounting->prefix, path + absolute);
}

static const char *type_of(const struct http_request *request)
{
    return request->type ? request->type : "application/json";
}

static void ask_fastcgi(struct http_client *client, int socket, const struct http_request *request,
                        const char *url)
{
    struct variables variables = {0};
    struct text value = {0};
    variables_for_request(&variables, request->method, url);
    if (request->key) {
        text_format(&value, "Bearer %s", request->key);
        variables_set_header(&variables, "Authorization", value.bytes);
    }
    if (*client->id)
        variables_set_header(&variables, "X-Request-Id", client->id);
    for (const char *const *header = request->headers; header && *header; header += 2)
        variables_set_header(&variables, header[0], header[1]);
    if (request->body) {
        variables_set_header(&variables, "Content-Type", type_of(request));
        variables_set(&variables, "CONTENT_LENGTH", "%zu", request->length);
    }
    talk_fastcgi(&client->talk, socket, &variables, request->body, request->length);
    text_free(&value);
    variables_free(&variables);
}

/* The head goes first, and the rest once the server has read it. */
static void send_head(struct http_client *client)
{
    struct talk *talk = &client->talk;
    talk->sent = (size_t)(strstr(talk->out.bytes, "\r\n\r\n") + 4 - talk->out.bytes);
    EXPECT(write(talk->to, talk->out.bytes, talk->sent) == (ssize_t)talk->sent, "the head does not go out");
    EXPECT_SOON(tcp_has_read(client->site->port, client_port(client)), "the server does not read the head");
}

static void ask_http(struct http_client *client, int socket, const struct http_request *request,
                     const char *url)
{
    struct text lines = {0};
    if (request->key)
        text_format(&lines, "Authorization: Bearer %s\r\n", request->key);
    if (*client->id)
        text_format(&lines, "X-Request-Id: %s\r\n", client->id);
    for (const char *const *header = request->headers; header && *header; header += 2)
        text_format(&lines, "%s: %s\r\n", header[0], header[1]);
    if (request->body)
        text_format(&lines, "Content-Type: %s\r\n", type_of(request));
    talk_http(&client->talk, socket, request->method, url, text_words(&lines), request->body,
              request->length);
    text_free(&lines);
    if (request->in_pieces)
        send_head(client);
}

static int reach(const struct http_client *client)
{
    if (!client->fastcgi)
        return net_connect_tcp(client->site->port, 0);
    char *path = site_path(client->site, "penstock.sock");
    int socket = net_connect_unix(path, 0);
    free(path);
    return socket;
}

bool client_begin(struct http_client *client, const struct site *site, const struct http_request *request)
{
    *client = (struct http_client){.site = site, .talk = {.to = -1, .from = -1, .ended = true}};
    client->fastcgi = strcmp(site->mounting->kind, "bare") == 0;
    client->head_only = strcmp(request->method, "HEAD") == 0;
    int socket = reach(client);
    if (socket < 0)
        return false;
    if (!request->unnumbered)
        snprintf(client->id, sizeof client->id, "client-%ld",
                 __atomic_add_fetch(&site->common->asked, 1, __ATOMIC_RELAXED));
    struct text url = {0};
    put_url(&url, site, request->path);
    if (client->fastcgi)
        ask_fastcgi(client, socket, request, url.bytes);
    else
        ask_http(client, socket, request, url.bytes);
    text_free(&url);
    return true;
}

static void take_fastcgi(struct http_client *client)
{
    struct answer answer;
    answer_parse(&answer, text_words(&client->talk.heard), client->talk.heard.length);
    if (!answer.status)
        return;
    text_consume(&client->head, client->head.length);
    text_consume(&client->body, client->body.length);
    text_append(&client->head, answer.head, answer.head_length);
    text_append(&client->body, answer.body, answer.body_length);
    client->status = answer.status;
    client->complete = client->talk.ended && !client->talk.broken;
}

static void take_http(struct http_client *client)
{
    struct http_answer answer;
    text_consume(&client->body, client->body.length);
    http_parse(&answer, &client->talk.heard, client->talk.ended, &client->body);
    if (client->status == 0 && answer.status)
        text_append(&client->head, answer.head, answer.head_length);
    client->status = answer.status;
    client->complete = client->head_only ? answer.status && client->talk.ended : answer.whole;
}

bool client_step(struct http_client *client, int64_t ms)
{
    size_t before = client->talk.heard.length;
    bool more = talk_step(&client->talk, ms);
    if (client->talk.heard.length == before && more)
        return true;
    if (client->fastcgi)
        take_fastcgi(client);
    else
        take_http(client);
    return more;
}

static int64_t left(int64_t deadline)
{
    int64_t now = now_ms();
    return now < deadline ? deadline - now : 0;
}

bool client_receive_all(struct http_client *client, int64_t ms)
{
    int64_t deadline = now_ms() + ms;
    while (client_step(client, left(deadline)) && left(deadline))
        continue;
    return client->complete;
}

bool client_receives(struct http_client *client, const char *words, int64_t ms)
{
    int64_t deadline = now_ms() + ms;
    while (!strstr(text_words(&client->body), words))
        if (!client_step(client, left(deadline)) || !left(deadline))
            return strstr(text_words(&client->body), words) != NULL;
    return true;
}

char *client_header(const struct http_client *client, const char *name)
{
    struct answer answer = {.head = text_words(&client->head), .head_length = client->head.length};
    return answer_header(&answer, name);
}

void client_leave(struct http_client *client)
{
    talk_leave(&client->talk);
}

void client_end(struct http_client *client)
{
    talk_end(&client->talk, 0);
    text_free(&client->head);
    text_free(&client->body);
}

static void begin_chat(struct http_client *client, const struct site *site, const char *model, bool stream,
                       bool in_pieces)
{
    struct text body = {0};
    text_format(&body, "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]%s}", model,
                stream ? ",\"stream\":true" : "");
    struct http_request request = {.method = "POST",
                                   .path = "/v1/chat/completions",
                                   .key = CLIENT_KEY,
                                   .body = body.bytes,
                                   .length = body.length,
                                   .in_pieces = in_pieces};
    EXPECT(client_begin(client, site, &request), "cannot connect");
    text_free(&body);
}

void client_chat(struct http_client *client, const struct site *site, const char *model, bool stream)
{
    begin_chat(client, site, model, stream, false);
}

void client_chat_in_pieces(struct http_client *client, const struct site *site, const char *model,
                           bool stream)
{
    begin_chat(client, site, model, stream, true);
}

void client_ask(struct http_client *client, const struct site *site, const struct http_request *request)
{
    EXPECT(client_begin(client, site, request), "cannot connect");
    EXPECT(client_receive_all(client, PATIENCE_MS), "status %d, %zu bytes of body, connection %s",
           client->status, client->body.length, client->talk.ended ? "ended" : "open");
}
