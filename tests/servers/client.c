/* A client that says and hears one thing on a connection of its own. */
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

unsigned visit_port(const struct visit *visit)
{
    struct sockaddr_in mine = {0};
    socklen_t size = sizeof mine;
    getsockname(visit->talk.from, (struct sockaddr *)&mine, &size);
    return ntohs(mine.sin_port);
}

static void put_url(struct text *url, const struct stage *stage, const char *path)
{
    bool absolute = path[1] == '/';
    text_format(url, "%s%s", absolute ? "" : stage->mounting->prefix, path + absolute);
}

static const char *type_of(const struct errand *errand)
{
    return errand->type ? errand->type : "application/json";
}

static void ask_fastcgi(struct visit *visit, int socket, const struct errand *errand, const char *url)
{
    struct variables variables = {0};
    struct text value = {0};
    variables_for_request(&variables, errand->method, url);
    if (errand->key) {
        text_format(&value, "Bearer %s", errand->key);
        variables_set_header(&variables, "Authorization", value.bytes);
    }
    if (*visit->id)
        variables_set_header(&variables, "X-Request-Id", visit->id);
    for (const char *const *header = errand->headers; header && *header; header += 2)
        variables_set_header(&variables, header[0], header[1]);
    if (errand->body) {
        variables_set_header(&variables, "Content-Type", type_of(errand));
        variables_set(&variables, "CONTENT_LENGTH", "%zu", errand->length);
    }
    talk_fastcgi(&visit->talk, socket, &variables, errand->body, errand->length);
    text_free(&value);
    variables_free(&variables);
}

/* The head goes first, and the rest once the server has read it. */
static void send_head(struct visit *visit)
{
    struct talk *talk = &visit->talk;
    talk->sent = (size_t)(strstr(talk->out.bytes, "\r\n\r\n") + 4 - talk->out.bytes);
    EXPECT(write(talk->to, talk->out.bytes, talk->sent) == (ssize_t)talk->sent, "the head does not go out");
    EXPECT_SOON(tcp_has_read(visit->stage->port, visit_port(visit)), "the server does not read the head");
}

static void ask_http(struct visit *visit, int socket, const struct errand *errand, const char *url)
{
    struct text lines = {0};
    if (errand->key)
        text_format(&lines, "Authorization: Bearer %s\r\n", errand->key);
    if (*visit->id)
        text_format(&lines, "X-Request-Id: %s\r\n", visit->id);
    for (const char *const *header = errand->headers; header && *header; header += 2)
        text_format(&lines, "%s: %s\r\n", header[0], header[1]);
    if (errand->body)
        text_format(&lines, "Content-Type: %s\r\n", type_of(errand));
    talk_http(&visit->talk, socket, errand->method, url, text_words(&lines), errand->body, errand->length);
    text_free(&lines);
    if (errand->in_pieces)
        send_head(visit);
}

static int reach(const struct visit *visit)
{
    if (!visit->fastcgi)
        return net_connect_tcp(visit->stage->port, 0);
    char *path = stage_path(visit->stage, "penstock.sock");
    int socket = net_connect_unix(path, 0);
    free(path);
    return socket;
}

bool visit_begin(struct visit *visit, const struct stage *stage, const struct errand *errand)
{
    *visit = (struct visit){.stage = stage, .talk = {.to = -1, .from = -1, .ended = true}};
    visit->fastcgi = strcmp(stage->mounting->kind, "bare") == 0;
    visit->head_only = strcmp(errand->method, "HEAD") == 0;
    int socket = reach(visit);
    if (socket < 0)
        return false;
    if (!errand->unnumbered)
        snprintf(visit->id, sizeof visit->id, "visit-%ld",
                 __atomic_add_fetch(&stage->common->asked, 1, __ATOMIC_RELAXED));
    struct text url = {0};
    put_url(&url, stage, errand->path);
    if (visit->fastcgi)
        ask_fastcgi(visit, socket, errand, url.bytes);
    else
        ask_http(visit, socket, errand, url.bytes);
    text_free(&url);
    return true;
}

static void take_fastcgi(struct visit *visit)
{
    struct answer answer;
    answer_parse(&answer, text_words(&visit->talk.heard), visit->talk.heard.length);
    if (!answer.status)
        return;
    text_consume(&visit->head, visit->head.length);
    text_consume(&visit->body, visit->body.length);
    text_append(&visit->head, answer.head, answer.head_length);
    text_append(&visit->body, answer.body, answer.body_length);
    visit->status = answer.status;
    visit->whole = visit->talk.ended && !visit->talk.broken;
}

static void take_http(struct visit *visit)
{
    struct http_answer answer;
    text_consume(&visit->body, visit->body.length);
    http_parse(&answer, &visit->talk.heard, visit->talk.ended, &visit->body);
    if (visit->status == 0 && answer.status)
        text_append(&visit->head, answer.head, answer.head_length);
    visit->status = answer.status;
    visit->whole = visit->head_only ? answer.status && visit->talk.ended : answer.whole;
}

bool visit_step(struct visit *visit, int64_t ms)
{
    size_t before = visit->talk.heard.length;
    bool more = talk_step(&visit->talk, ms);
    if (visit->talk.heard.length == before && more)
        return true;
    if (visit->fastcgi)
        take_fastcgi(visit);
    else
        take_http(visit);
    return more;
}

static int64_t left(int64_t deadline)
{
    int64_t now = now_ms();
    return now < deadline ? deadline - now : 0;
}

bool visit_listen(struct visit *visit, int64_t ms)
{
    int64_t deadline = now_ms() + ms;
    while (visit_step(visit, left(deadline)) && left(deadline))
        continue;
    return visit->whole;
}

bool visit_hears(struct visit *visit, const char *words, int64_t ms)
{
    int64_t deadline = now_ms() + ms;
    while (!strstr(text_words(&visit->body), words))
        if (!visit_step(visit, left(deadline)) || !left(deadline))
            return strstr(text_words(&visit->body), words) != NULL;
    return true;
}

char *visit_header(const struct visit *visit, const char *name)
{
    struct answer answer = {.head = text_words(&visit->head), .head_length = visit->head.length};
    return answer_header(&answer, name);
}

void visit_leave(struct visit *visit)
{
    talk_leave(&visit->talk);
}

void visit_end(struct visit *visit)
{
    talk_end(&visit->talk, 0);
    text_free(&visit->head);
    text_free(&visit->body);
}

static void begin_chat(struct visit *visit, const struct stage *stage, const char *model, bool stream,
                       bool in_pieces)
{
    struct text body = {0};
    text_format(&body, "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]%s}", model,
                stream ? ",\"stream\":true" : "");
    struct errand errand = {.method = "POST",
                            .path = "/v1/chat/completions",
                            .key = VISITOR_KEY,
                            .body = body.bytes,
                            .length = body.length,
                            .in_pieces = in_pieces};
    EXPECT(visit_begin(visit, stage, &errand), "nobody listens");
    text_free(&body);
}

void visit_chat(struct visit *visit, const struct stage *stage, const char *model, bool stream)
{
    begin_chat(visit, stage, model, stream, false);
}

void visit_chat_in_pieces(struct visit *visit, const struct stage *stage, const char *model, bool stream)
{
    begin_chat(visit, stage, model, stream, true);
}

void visit_whole(struct visit *visit, const struct stage *stage, const struct errand *errand)
{
    EXPECT(visit_begin(visit, stage, errand), "nobody listens");
    EXPECT(visit_listen(visit, PATIENCE_MS), "status %d, %zu bytes of body, connection %s", visit->status,
           visit->body.length, visit->talk.ended ? "ended" : "open");
}
