/* What browsers and WebSocket clients send, as web servers pass it on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"
#include "checks.h"
#include "client.h"
#include "expect.h"
#include "records.h"
#include "site.h"

#define ORIGIN "https://app.example"
#define CHAT "/v1/chat/completions"

static const char chat[] = "{\"model\":\"bench\",\"messages\":[]}";

static void expect_header(const struct http_client *client, const char *name, const char *wanted)
{
    char *value = client_header(client, name);
    if (wanted)
        EXPECT(value && strstr(value, wanted), "%s: %s", name, value ? value : "is not there");
    else
        EXPECT(!value, "%s: %s", name, value);
    free(value);
}

/* Neither a key nor a record; the web server does not answer by itself. */
static void preflight(const struct site *site)
{
    static const char *const headers[] = {"Origin",
                                          ORIGIN,
                                          "Access-Control-Request-Method",
                                          "POST",
                                          "Access-Control-Request-Headers",
                                          "authorization,content-type",
                                          NULL};
    struct http_client client;
    struct http_request request = {.method = "OPTIONS", .path = CHAT, .headers = headers, .unnumbered = true};
    client_ask(&client, site, &request);
    EXPECT(client.status == 204 || client.status == 200, "status %d: %s", client.status,
           text_words(&client.body));
    EXPECT(client.body.length == 0, "there is a body: %s", text_words(&client.body));
    expect_header(&client, "Access-Control-Allow-Origin", ORIGIN);
    expect_header(&client, "Access-Control-Allow-Methods", "POST");
    expect_header(&client, "Access-Control-Allow-Headers", "authorization,content-type");
    expect_header(&client, "Vary", "Origin");
    expect_header(&client, "Access-Control-Allow-Credentials", NULL);
    client_end(&client);
}

static void options(const struct site *site)
{
    struct http_client client;
    struct http_request request = {.method = "OPTIONS", .path = CHAT, .key = CLIENT_KEY};
    client_ask(&client, site, &request);
    EXPECT(client.status == 405, "status %d: %s", client.status, text_words(&client.body));
    expect_header(&client, "Allow", "POST");
    record_expect(&client, 405, "refused", "method_not_allowed");
    client_end(&client);
}

static void answers(const struct site *site)
{
    static const char *const headers[] = {"Origin", ORIGIN, "Sec-Fetch-Site", "cross-site", NULL};
    static const char *const keys[] = {CLIENT_KEY, "wrong"};
    for (int i = 0; i < 2; i++) {
        struct http_client client;
        struct http_request request = {.method = "POST",
                                       .path = CHAT,
                                       .headers = headers,
                                       .key = keys[i],
                                       .body = chat,
                                       .length = sizeof chat - 1};
        client_ask(&client, site, &request);
        EXPECT(client.status == (i ? 401 : 200), "status %d: %s", client.status, text_words(&client.body));
        expect_header(&client, "Access-Control-Allow-Origin", ORIGIN);
        expect_header(&client, "Access-Control-Expose-Headers", "X-Request-Id");
        expect_header(&client, "Vary", "Origin");
        client_end(&client);
    }
}

/* The login of the web server goes with a request that a foreign page causes. */
static void foreign_page(const struct site *site)
{
    static const char *const headers[] = {"Authorization", "Basic Z3Vlc3Q6b3Blbg==", "Origin",
                                          "https://evil.example", NULL};
    struct http_client client;
    struct http_request request = {
        .method = "POST", .path = "/staff" CHAT, .headers = headers, .body = chat, .length = sizeof chat - 1};
    client_ask(&client, site, &request);
    EXPECT(client.status == 403, "status %d: %s", client.status, text_words(&client.body));
    expect_header(&client, "Access-Control-Allow-Origin", NULL);
    record_expect(&client, 403, "refused", "forbidden");
    client_end(&client);
}

/* A page of the site itself has its host and port in the origin. */
static void own_page(const struct site *site)
{
    struct text origin = {0};
    text_put(&origin, "http://localhost"); /* as in the header Host of all checks */
    const char *const headers[] = {"Authorization",
                                   "Basic Z3Vlc3Q6b3Blbg==",
                                   "Origin",
                                   origin.bytes,
                                   "Sec-Fetch-Site",
                                   "same-origin",
                                   NULL};
    struct http_client client;
    struct http_request request = {
        .method = "POST", .path = "/staff" CHAT, .headers = headers, .body = chat, .length = sizeof chat - 1};
    client_ask(&client, site, &request);
    EXPECT(client.status == 200, "status %d: %s", client.status, text_words(&client.body));
    record_expect_client(&client, "staff");
    client_end(&client);
    text_free(&origin);
}

static bool asks_for_passwords(const struct mounting *mounting)
{
    return !is_kind(mounting, "bare");
}

static void home(const struct site *site)
{
    static const char *const headers[] = {"Accept", "text/html,*/*;q=0.8", NULL};
    static const char *const paths[] = {"/", "/v1", "/v1/"};
    struct text base = {0};
    text_format(&base, "<code>http://localhost%s/v1</code>", site->mounting->prefix);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct http_client client;
        struct http_request request = {
            .method = "GET", .path = paths[i], .headers = headers, .unnumbered = true};
        client_ask(&client, site, &request);
        EXPECT(client.status == 200, "%s: status %d: %s", paths[i], client.status, text_words(&client.body));
        EXPECT(strstr(text_words(&client.body), base.bytes), "%s: not %s, but: %s", paths[i], base.bytes,
               text_words(&client.body));
        expect_header(&client, "Content-Type", "text/html");
        client_end(&client);
    }
    text_free(&base);
}

/* The client goes on by HTTP as soon as it hears this. */
static void websocket(const struct site *site)
{
    static const char *const headers[] = {"Connection",
                                          "Upgrade",
                                          "Upgrade",
                                          "websocket",
                                          "Sec-WebSocket-Version",
                                          "13",
                                          "Sec-WebSocket-Key",
                                          "dGhlIHNhbXBsZSBub25jZQ==",
                                          NULL};
    struct http_client client;
    struct http_request request = {
        .method = "GET", .path = "/v1/responses", .key = CLIENT_KEY, .headers = headers};
    client_ask(&client, site, &request);
    EXPECT(client.status == 426, "status %d: %s", client.status, text_words(&client.body));
    expect_header(&client, "Upgrade", "websocket");
    record_expect(&client, 426, "refused", "method_not_allowed");
    client_end(&client);
}

const struct check browser_checks[] = {
    {"a preflight is answered without a key", preflight, NULL},
    {"other OPTIONS are a wrong method", options, NULL},
    {"answers and errors may be read by a page", answers, NULL},
    {"a foreign page cannot use a login", foreign_page, asks_for_passwords},
    {"a page of the site can", own_page, asks_for_passwords},
    {"a browser gets a page", home, NULL},
    {"426 to a WebSocket", websocket, NULL},
    {NULL, NULL, NULL},
};
