/* Answers of all kinds, as they arrive through a web server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"
#include "checks.h"
#include "client.h"
#include "expect.h"
#include "records.h"
#include "site.h"

#define MEBIBYTE (1 << 20)
#define FORM_SIZE (3 * MEBIBYTE)
#define FRAMES 4

static bool has_words(const struct http_client *client, const char *words)
{
    return strstr(text_words(&client->body), words) != NULL;
}

static void expect_header(const struct http_client *client, const char *name, const char *wanted)
{
    char *value = client_header(client, name);
    EXPECT(value && strncmp(value, wanted, strlen(wanted)) == 0, "%s: %s", name,
           value ? value : "is not there");
    free(value);
}

static void chat_buffered(const struct site *site)
{
    struct http_client client;
    client_chat(&client, site, "bench", false);
    EXPECT(client_receive_all(&client, PATIENCE_MS), "the answer does not end");
    EXPECT(client.status == 200, "status %d: %s", client.status, text_words(&client.body));
    EXPECT(has_words(&client, "\"object\":\"chat.completion\"") && client.body.length == 612,
           "the body is: %s", text_words(&client.body));
    expect_header(&client, "Content-Type", "application/json");
    expect_header(&client, "X-Request-Id", client.id);
    expect_header(&client, "X-Penstock-Provider", "fake");
    record_expect(&client, 200, "complete", NULL);
    client_end(&client);
}

static void chat_streamed(const struct site *site)
{
    struct http_client client;
    client_chat(&client, site, "bench-200x0", true);
    EXPECT(client_receive_all(&client, PATIENCE_MS), "the stream does not end");
    EXPECT(client.status == 200, "status %d: %s", client.status, text_words(&client.body));
    expect_header(&client, "Content-Type", "text/event-stream; charset=utf-8");
    size_t frames = 0;
    for (const char *at = text_words(&client.body); (at = strstr(at, "\"content\":\"word \"")); at++)
        frames++;
    EXPECT(frames == 200, "%zu frames of 200 arrived", frames);
    EXPECT(has_words(&client, "\"finish_reason\":\"stop\""), "there is no finish_reason");
    const char *last = text_words(&client.body) + client.body.length - strlen("data: [DONE]\n\n");
    EXPECT(strcmp(last, "data: [DONE]\n\n") == 0, "the end is: %s", last);
    record_expect(&client, 200, "complete", NULL);
    client_end(&client);
}

/* The provider says frame n+1 only when it is told that frame n has arrived. */
static void frames_not_held_back(const struct site *site)
{
    struct http_client client;
    client_chat(&client, site, "handshake-4-held", true);
    for (unsigned frame = 1; frame <= FRAMES; frame++) {
        char words[32];
        snprintf(words, sizeof words, "frame-%u ", frame);
        EXPECT(client_receives(&client, words, PATIENCE_MS), "frame %u is held back; the body is: %s", frame,
               text_words(&client.body));
        site_confirm(site, "held", frame);
    }
    EXPECT(client_receive_all(&client, PATIENCE_MS) && has_words(&client, "data: [DONE]\n\n"),
           "the stream does not end");
    record_expect(&client, 200, "complete", NULL);
    client_end(&client);
}

static void no_key(const struct site *site)
{
    static const char body[] = "{\"model\":\"bench\",\"messages\":[]}";
    struct http_client client;
    struct http_request request = {
        .method = "POST", .path = "/v1/chat/completions", .body = body, .length = sizeof body - 1};
    client_ask(&client, site, &request);
    EXPECT(client.status == 401, "status %d: %s", client.status, text_words(&client.body));
    EXPECT(has_words(&client, "\"reason\":\"unauthorized\""), "the body is: %s", text_words(&client.body));
    expect_header(&client, "Content-Type", "application/json");
    record_expect(&client, 401, "refused", "unauthorized");
    client_end(&client);
}

static void malformed_body(const struct site *site)
{
    static const char body[] = "{\"model\":\"bench\",\"messages\":[}";
    struct http_client client;
    struct http_request request = {.method = "POST",
                                   .path = "/v1/chat/completions",
                                   .key = CLIENT_KEY,
                                   .body = body,
                                   .length = sizeof body - 1};
    client_ask(&client, site, &request);
    EXPECT(client.status == 400, "status %d: %s", client.status, text_words(&client.body));
    EXPECT(has_words(&client, "\"reason\":\"bad_request\""), "the body is: %s", text_words(&client.body));
    record_expect(&client, 400, "refused", "bad_request");
    client_end(&client);
}

/* There and back, byte for byte: the provider sends the request's body in its answer. */
static void mebibyte(const struct site *site)
{
    struct http_client client;
    struct text body = {0}, wanted = {0};
    text_put(&body, "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"");
    while (body.length < MEBIBYTE)
        text_format(&body, "%zx ", body.length);
    text_put(&body, "\"}]}");
    struct http_request request = {.method = "POST",
                                   .path = "/v1/chat/completions",
                                   .key = CLIENT_KEY,
                                   .body = body.bytes,
                                   .length = body.length};
    client_ask(&client, site, &request);
    text_format(&wanted, "\"request\":%s}", body.bytes);
    EXPECT(client.status == 200, "status %d: %.500s", client.status, text_words(&client.body));
    EXPECT(has_words(&client, wanted.bytes), "the body came back changed: %zu bytes, %.300s",
           client.body.length, text_words(&client.body));
    record_expect(&client, 200, "complete", NULL);
    client_end(&client);
    text_free(&body);
    text_free(&wanted);
}

/* A form with a file of any bytes, larger than what is looked at before it passes, and its answer. */
static void form(const struct site *site)
{
    struct http_client client;
    struct text body = {0};
    text_put(&body, "--edge\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\necho\r\n"
                    "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n");
    for (size_t i = 0; i < FORM_SIZE; i++)
        text_append(&body, (char[]){(char)(i * i >> 7)}, 1);
    text_put(&body, "\r\n--edge--\r\n");
    struct http_request request = {.method = "POST",
                                   .path = "/v1/audio/transcriptions",
                                   .key = CLIENT_KEY,
                                   .type = "multipart/form-data; boundary=edge",
                                   .body = body.bytes,
                                   .length = body.length};
    client_ask(&client, site, &request);
    EXPECT(client.status == 200, "status %d: %.500s", client.status, text_words(&client.body));
    EXPECT(client.body.length == body.length && memcmp(client.body.bytes, body.bytes, body.length) == 0,
           "the form came back changed: %zu bytes of %zu", client.body.length, body.length);
    expect_header(&client, "Content-Type", "audio/wav");
    record_expect(&client, 200, "complete", NULL);
    client_end(&client);
    text_free(&body);
}

static void expect_get(const struct site *site, const char *path, const char *words)
{
    struct http_client client;
    struct http_request request = {.method = "GET", .path = path, .key = CLIENT_KEY};
    client_ask(&client, site, &request);
    EXPECT(client.status == 200, "status %d: %s", client.status, text_words(&client.body));
    EXPECT(has_words(&client, words), "the body is: %s", text_words(&client.body));
    record_expect(&client, 200, "complete", NULL);
    client_end(&client);
}

static void models(const struct site *site)
{
    expect_get(site, "/v1/models", "\"id\":\"fake-chat\"");
    expect_get(site, "/v1/models/org/echo", "\"id\":\"org/echo\"");
}

static void models_escaped(const struct site *site)
{
    expect_get(site, "/v1/models/org%2Fecho", "\"id\":\"org/echo\"");
}

static bool lets_escapes_through(const struct mounting *mounting)
{
    return mounting->escaped;
}

static void head(const struct site *site)
{
    struct http_client client;
    struct http_request request = {.method = "HEAD", .path = "/v1/models", .key = CLIENT_KEY};
    client_ask(&client, site, &request);
    EXPECT(client.status == 200, "status %d", client.status);
    EXPECT(client.body.length == 0, "there is a body: %s", text_words(&client.body));
    expect_header(&client, "Content-Type", "application/json");
    record_expect(&client, 200, "complete", NULL);
    client_end(&client);
}

/* A provider's error keeps its status on the way through any server, and so does what says when to try again.
 */
static void provider_error(const struct site *site)
{
    struct http_client client;
    client_chat(&client, site, "error-429", true);
    EXPECT(client_receive_all(&client, PATIENCE_MS), "the answer does not end");
    EXPECT(client.status == 429, "status %d: %s", client.status, text_words(&client.body));
    EXPECT(has_words(&client, "\"reason\":\"rate_limit\""), "the body is: %s", text_words(&client.body));
    expect_header(&client, "Retry-After", "7");
    record_expect(&client, 429, "error", "rate_limit");
    client_end(&client);
}

/* A stream that its provider breaks off ends in an error, never in silence. */
static void stream_cut(const struct site *site)
{
    struct http_client client;
    client_chat(&client, site, "cut-between", true);
    EXPECT(client_receive_all(&client, PATIENCE_MS), "the stream does not end");
    EXPECT(has_words(&client, "\"reason\":\"upstream_cut\""), "the body is: %s", text_words(&client.body));
    record_expect(&client, 200, "upstream_cut", "upstream_cut");
    client_end(&client);
}

const struct check answer_checks[] = {
    {"chat, buffered", chat_buffered, NULL},
    {"chat, streamed", chat_streamed, NULL},
    {"frames are not held back", frames_not_held_back, NULL},
    {"401 without a key", no_key, NULL},
    {"400 for a malformed body", malformed_body, NULL},
    {"a body of 1 MiB", mebibyte, NULL},
    {"a form with a file of 3 MiB", form, NULL},
    {"models, and one with a slash", models, NULL},
    {"a model with %2F", models_escaped, lets_escapes_through},
    {"HEAD", head, NULL},
    {"a provider's 429", provider_error, NULL},
    {"a stream that is cut", stream_cut, NULL},
    {NULL, NULL, NULL},
};
