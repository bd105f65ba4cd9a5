/* Paths without a route, any method and any body, as web servers pass them on. */
#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"
#include "checks.h"
#include "client.h"
#include "expect.h"
#include "records.h"
#include "site.h"

#define MEBIBYTE (1 << 20)
#define FILE_SIZE (3 * MEBIBYTE)

static void expect_header(const struct http_client *client, const char *name, const char *wanted)
{
    char *value = client_header(client, name);
    EXPECT(value && strcmp(value, wanted) == 0, "%s: %s", name, value ? value : "is not there");
    free(value);
}

/* The provider says what it heard: the method, the target, the body. */
static void expect_mirror(const struct site *site, const struct http_request *request, const char *wanted)
{
    struct http_client client;
    client_ask(&client, site, request);
    EXPECT(client.status == 200, "%s %s: status %d: %.300s", request->method, request->path, client.status,
           text_words(&client.body));
    EXPECT(strcmp(text_words(&client.body), wanted) == 0, "%s %s: %.300s", request->method, request->path,
           text_words(&client.body));
    record_expect(&client, 200, "complete", NULL);
    record_expect_client(&client, "keeper");
    client_end(&client);
}

static void methods(const struct site *site)
{
    struct http_request request = {.method = "GET", .path = "/v1/things/a?b=%20c&d", .key = KEEPER_KEY};
    expect_mirror(site, &request, "GET /v1/things/a?b=%20c&d\n");
    request = (struct http_request){.method = "DELETE", .path = "/v1/things/a", .key = KEEPER_KEY};
    expect_mirror(site, &request, "DELETE /v1/things/a\n");
    request = (struct http_request){
        .method = "PUT", .path = "/v1/things/a", .key = KEEPER_KEY, .body = "{x", .length = 2};
    expect_mirror(site, &request, "PUT /v1/things/a\n{x");
    request.method = "PATCH";
    expect_mirror(site, &request, "PATCH /v1/things/a\n{x");
    request = (struct http_request){
        .method = "POST", .path = "/v1/things/a/cancel", .key = KEEPER_KEY, .body = "", .length = 0};
    expect_mirror(site, &request, "POST /v1/things/a/cancel\n");
}

static void head(const struct site *site)
{
    struct http_client client;
    struct http_request request = {.method = "HEAD", .path = "/v1/things/a", .key = KEEPER_KEY};
    client_ask(&client, site, &request);
    EXPECT(client.status == 200 && client.body.length == 0, "status %d, body %s", client.status,
           text_words(&client.body));
    record_expect(&client, 200, "complete", NULL);
    client_end(&client);
}

static void range(const struct site *site)
{
    static const char *const headers[] = {"Range", "bytes=1-2", NULL};
    struct http_client client;
    struct http_request request = {
        .method = "GET", .path = "/v1/things/a", .key = KEEPER_KEY, .headers = headers};
    client_ask(&client, site, &request);
    EXPECT(client.status == 206, "status %d: %s", client.status, text_words(&client.body));
    expect_header(&client, "Content-Range", "bytes 1-2/9");
    record_expect(&client, 206, "complete", NULL);
    client_end(&client);
}

/* A file of any bytes, larger than what is read before it passes. */
static void upload(const struct site *site)
{
    static const char line[] = "POST /v1/things/f\n";
    struct http_client client;
    struct text body = {0};
    for (size_t i = 0; i < FILE_SIZE; i++)
        text_append(&body, (char[]){(char)(i * i >> 7)}, 1);
    struct http_request request = {.method = "POST",
                                   .path = "/v1/things/f",
                                   .key = KEEPER_KEY,
                                   .type = "application/x-thing",
                                   .body = body.bytes,
                                   .length = body.length};
    client_ask(&client, site, &request);
    size_t before = sizeof line - 1;
    EXPECT(client.status == 200, "status %d: %.300s", client.status, text_words(&client.body));
    EXPECT(client.body.length == before + body.length &&
               memcmp(client.body.bytes + before, body.bytes, body.length) == 0,
           "the body came back changed: %zu bytes of %zu", client.body.length, before + body.length);
    expect_header(&client, "ETag", "\"application/x-thing\"");
    record_expect(&client, 200, "complete", NULL);
    client_end(&client);
    text_free(&body);
}

/* Some web servers tidy such a path up or refuse it themselves; none gets it to the provider as it is. */
static void dots(const struct site *site)
{
    static const char *const paths[] = {"/v1/things/../files", "/v1/things/%2e%2e/files", "/v1/things//a",
                                        "/v1/things/..%2ffiles"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct http_client client;
        struct http_request request = {.method = "GET", .path = paths[i], .key = KEEPER_KEY};
        site->common->lost++;
        client_ask(&client, site, &request);
        EXPECT(!strstr(text_words(&client.body), ".."), "%s: status %d: %s", paths[i], client.status,
               text_words(&client.body));
        client_end(&client);
    }
}

/* A client without the permission. */
static void unknown(const struct site *site)
{
    struct http_client client;
    struct http_request request = {.method = "GET", .path = "/v1/things/a", .key = CLIENT_KEY};
    client_ask(&client, site, &request);
    EXPECT(client.status == 404, "status %d: %s", client.status, text_words(&client.body));
    record_expect(&client, 404, "refused", "not_found");
    client_end(&client);
}

const struct check passthrough_checks[] = {
    {"other paths pass, by any method", methods, NULL},
    {"HEAD of another path", head, NULL},
    {"a part of a file", range, NULL},
    {"a file of any type", upload, NULL},
    {"dots in a path go nowhere", dots, NULL},
    {"404 without permission", unknown, NULL},
    {NULL, NULL, NULL},
};
