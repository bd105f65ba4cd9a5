/* Answers of all kinds, as they arrive through a web server. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"
#include "checks.h"
#include "expect.h"
#include "records.h"
#include "site.h"
#include "client.h"

#define MEBIBYTE (1 << 20)
#define FORM_SIZE (3 * MEBIBYTE)
#define FRAMES 4

static bool has_words(const struct visit *visit, const char *words)
{
    return strstr(text_words(&visit->body), words) != NULL;
}

static void expect_header(const struct visit *visit, const char *name, const char *wanted)
{
    char *value = visit_header(visit, name);
    EXPECT(value && strncmp(value, wanted, strlen(wanted)) == 0, "%s: %s", name,
           value ? value : "is not there");
    free(value);
}

static void chat_buffered(const struct stage *stage)
{
    struct visit visit;
    visit_chat(&visit, stage, "bench", false);
    EXPECT(visit_listen(&visit, PATIENCE_MS), "the answer does not end");
    EXPECT(visit.status == 200, "status %d: %s", visit.status, text_words(&visit.body));
    EXPECT(has_words(&visit, "\"object\":\"chat.completion\"") && visit.body.length == 612, "the body is: %s",
           text_words(&visit.body));
    expect_header(&visit, "Content-Type", "application/json");
    expect_header(&visit, "X-Request-Id", visit.id);
    expect_header(&visit, "X-Penstock-Provider", "fake");
    record_expect(&visit, 200, "complete", NULL);
    visit_end(&visit);
}

static void chat_streamed(const struct stage *stage)
{
    struct visit visit;
    visit_chat(&visit, stage, "bench-200x0", true);
    EXPECT(visit_listen(&visit, PATIENCE_MS), "the stream does not end");
    EXPECT(visit.status == 200, "status %d: %s", visit.status, text_words(&visit.body));
    expect_header(&visit, "Content-Type", "text/event-stream");
    size_t frames = 0;
    for (const char *at = text_words(&visit.body); (at = strstr(at, "\"content\":\"word \"")); at++)
        frames++;
    EXPECT(frames == 200, "%zu frames of 200 arrived", frames);
    EXPECT(has_words(&visit, "\"finish_reason\":\"stop\""), "there is no finish_reason");
    const char *last = text_words(&visit.body) + visit.body.length - strlen("data: [DONE]\n\n");
    EXPECT(strcmp(last, "data: [DONE]\n\n") == 0, "the end is: %s", last);
    record_expect(&visit, 200, "complete", NULL);
    visit_end(&visit);
}

/* The provider says frame n+1 only when it is told that frame n has arrived. */
static void frames_not_held_back(const struct stage *stage)
{
    struct visit visit;
    visit_chat(&visit, stage, "handshake-4-held", true);
    for (unsigned frame = 1; frame <= FRAMES; frame++) {
        char words[32];
        snprintf(words, sizeof words, "frame-%u ", frame);
        EXPECT(visit_hears(&visit, words, PATIENCE_MS), "frame %u is held back; the body is: %s", frame,
               text_words(&visit.body));
        stage_confirm(stage, "held", frame);
    }
    EXPECT(visit_listen(&visit, PATIENCE_MS) && has_words(&visit, "data: [DONE]\n\n"),
           "the stream does not end");
    record_expect(&visit, 200, "complete", NULL);
    visit_end(&visit);
}

static void no_key(const struct stage *stage)
{
    static const char body[] = "{\"model\":\"bench\",\"messages\":[]}";
    struct visit visit;
    struct errand errand = {
        .method = "POST", .path = "/v1/chat/completions", .body = body, .length = sizeof body - 1};
    visit_whole(&visit, stage, &errand);
    EXPECT(visit.status == 401, "status %d: %s", visit.status, text_words(&visit.body));
    EXPECT(has_words(&visit, "\"reason\":\"unauthorized\""), "the body is: %s", text_words(&visit.body));
    expect_header(&visit, "Content-Type", "application/json");
    record_expect(&visit, 401, "refused", "unauthorized");
    visit_end(&visit);
}

static void malformed_body(const struct stage *stage)
{
    static const char body[] = "{\"model\":\"bench\",\"messages\":[}";
    struct visit visit;
    struct errand errand = {.method = "POST",
                            .path = "/v1/chat/completions",
                            .key = VISITOR_KEY,
                            .body = body,
                            .length = sizeof body - 1};
    visit_whole(&visit, stage, &errand);
    EXPECT(visit.status == 400, "status %d: %s", visit.status, text_words(&visit.body));
    EXPECT(has_words(&visit, "\"reason\":\"bad_request\""), "the body is: %s", text_words(&visit.body));
    record_expect(&visit, 400, "refused", "bad_request");
    visit_end(&visit);
}

/* There and back, byte for byte: the provider sends the request's body in its answer. */
static void mebibyte(const struct stage *stage)
{
    struct visit visit;
    struct text body = {0}, wanted = {0};
    text_put(&body, "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"");
    while (body.length < MEBIBYTE)
        text_format(&body, "%zx ", body.length);
    text_put(&body, "\"}]}");
    struct errand errand = {.method = "POST",
                            .path = "/v1/chat/completions",
                            .key = VISITOR_KEY,
                            .body = body.bytes,
                            .length = body.length};
    visit_whole(&visit, stage, &errand);
    text_format(&wanted, "\"request\":%s}", body.bytes);
    EXPECT(visit.status == 200, "status %d: %.500s", visit.status, text_words(&visit.body));
    EXPECT(has_words(&visit, wanted.bytes), "the body came back changed: %zu bytes, %.300s",
           visit.body.length, text_words(&visit.body));
    record_expect(&visit, 200, "complete", NULL);
    visit_end(&visit);
    text_free(&body);
    text_free(&wanted);
}

/* A form with a file of any bytes, larger than what is looked at before it passes, and its answer. */
static void form(const struct stage *stage)
{
    struct visit visit;
    struct text body = {0};
    text_put(&body, "--edge\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\necho\r\n"
                    "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n");
    for (size_t i = 0; i < FORM_SIZE; i++)
        text_append(&body, (char[]){(char)(i * i >> 7)}, 1);
    text_put(&body, "\r\n--edge--\r\n");
    struct errand errand = {.method = "POST",
                            .path = "/v1/audio/transcriptions",
                            .key = VISITOR_KEY,
                            .type = "multipart/form-data; boundary=edge",
                            .body = body.bytes,
                            .length = body.length};
    visit_whole(&visit, stage, &errand);
    EXPECT(visit.status == 200, "status %d: %.500s", visit.status, text_words(&visit.body));
    EXPECT(visit.body.length == body.length && memcmp(visit.body.bytes, body.bytes, body.length) == 0,
           "the form came back changed: %zu bytes of %zu", visit.body.length, body.length);
    expect_header(&visit, "Content-Type", "audio/wav");
    record_expect(&visit, 200, "complete", NULL);
    visit_end(&visit);
    text_free(&body);
}

static void expect_get(const struct stage *stage, const char *path, const char *words)
{
    struct visit visit;
    struct errand errand = {.method = "GET", .path = path, .key = VISITOR_KEY};
    visit_whole(&visit, stage, &errand);
    EXPECT(visit.status == 200, "status %d: %s", visit.status, text_words(&visit.body));
    EXPECT(has_words(&visit, words), "the body is: %s", text_words(&visit.body));
    record_expect(&visit, 200, "complete", NULL);
    visit_end(&visit);
}

static void models(const struct stage *stage)
{
    expect_get(stage, "/v1/models", "\"id\":\"fake-chat\"");
    expect_get(stage, "/v1/models/org/echo", "\"id\":\"org/echo\"");
}

static void models_escaped(const struct stage *stage)
{
    expect_get(stage, "/v1/models/org%2Fecho", "\"id\":\"org/echo\"");
}

static bool lets_escapes_through(const struct mounting *mounting)
{
    return mounting->escaped;
}

static void head(const struct stage *stage)
{
    struct visit visit;
    struct errand errand = {.method = "HEAD", .path = "/v1/models", .key = VISITOR_KEY};
    visit_whole(&visit, stage, &errand);
    EXPECT(visit.status == 200, "status %d", visit.status);
    EXPECT(visit.body.length == 0, "there is a body: %s", text_words(&visit.body));
    expect_header(&visit, "Content-Type", "application/json");
    record_expect(&visit, 200, "complete", NULL);
    visit_end(&visit);
}

/* A provider's error keeps its status on the way through any server, and so does what says when to try again.
 */
static void provider_error(const struct stage *stage)
{
    struct visit visit;
    visit_chat(&visit, stage, "error-429", true);
    EXPECT(visit_listen(&visit, PATIENCE_MS), "the answer does not end");
    EXPECT(visit.status == 429, "status %d: %s", visit.status, text_words(&visit.body));
    EXPECT(has_words(&visit, "\"reason\":\"rate_limit\""), "the body is: %s", text_words(&visit.body));
    expect_header(&visit, "Retry-After", "7");
    record_expect(&visit, 429, "error", "rate_limit");
    visit_end(&visit);
}

/* A stream that its provider breaks off ends in an error, never in silence. */
static void stream_cut(const struct stage *stage)
{
    struct visit visit;
    visit_chat(&visit, stage, "cut-between", true);
    EXPECT(visit_listen(&visit, PATIENCE_MS), "the stream does not end");
    EXPECT(has_words(&visit, "\"reason\":\"upstream_cut\""), "the body is: %s", text_words(&visit.body));
    record_expect(&visit, 200, "upstream_cut", "upstream_cut");
    visit_end(&visit);
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
