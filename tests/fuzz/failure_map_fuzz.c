/* Any answer of any provider must become an error that is valid and shows no key.
 *
 * The input is an answer as on the wire, except for its first line, "HTTP/1.1 STATUS PROVIDER". */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "base/utf8.h"
#include "errors/failure_map.h"
#include "format/json.h"
#include "format/json_write.h"
#include "format/response_head.h"
#include "fuzz.h"
#include "protocol/error_response.h"

#define HEADERS_MAX 16
#define BODY_MAX 65536

static struct secret keys[] = {{.bytes = (char *)"the-provider's-own-key", .length = 22},
                               {.bytes = (char *)"sk-of-the-client", .length = 16},
                               {.bytes = (char *)"host.internal", .length = 13}};
static const struct secrets secrets = {keys, sizeof keys / sizeof *keys};

static void read_header(struct response_head *head, struct input line)
{
    const char *colon = memchr(line.at, ':', line.length);
    if (!colon || head->headers.count == HEADERS_MAX)
        return;
    struct input value = {colon + 1, line.length - (size_t)(colon + 1 - line.at)};
    while (value.length && *value.at == ' ') {
        value.at++;
        value.length--;
    }
    head->headers.items[head->headers.count++] = (struct name_value){
        .name = input_text((struct input){line.at, (size_t)(colon - line.at)}), .value = input_text(value)};
}

static struct input read_headers(struct response_head *head, struct input rest)
{
    for (struct input line; rest.length && (line = input_line(&rest)).length;)
        read_header(head, line);
    return rest;
}

static void must_be_utf8(const char *text)
{
    for (size_t length; *text; text += length) {
        length = utf8_length(text, strlen(text));
        must(length > 0, "the message is UTF-8");
    }
}

static size_t count_points(const char *text)
{
    size_t points = 0;
    for (; *text; text++)
        points += ((unsigned char)*text & 0xc0) != 0x80;
    return points;
}

static void check_message(const char *message)
{
    must_be_utf8(message);
    must(*message && count_points(message) <= 200, "the message has 1 to 200 code points");
    must(*message != ' ' && !strstr(message, "  "), "its white space is collapsed");
    for (const char *at = message; *at; at++)
        must((unsigned char)*at >= ' ', "it has no control characters");
}

static void must_hide(const char *text)
{
    for (size_t i = 0; i < secrets.count; i++)
        must(!strstr(text, keys[i].bytes), "no secret is shown");
}

static void check_failure(const struct failure *why)
{
    check_message(why->message);
    must(why->reason > FAILURE_NONE && why->reason <= FAILURE_UPSTREAM_CUT, "it is none of our own reasons");
    must(why->category <= CATEGORY_PROVIDER, "it has a category");
    must(why->status >= 400 && why->status <= 599, "it has the status of an error");
    must(why->retry_after_ms >= -1, "a delay is not negative");
    must_hide(why->message);
    must_hide(why->type);
    must_hide(why->param);
    must_hide(why->code);
}

/* The client gets valid JSON, whatever bytes the message contains. */
static void check_body(const struct failure *why)
{
    struct error_response refusal = {
        .failure = why, .provider = "p", .model = "m", .secrets = secrets, .detail = true};
    struct buffer body;
    buffer_init(&body, BODY_MAX);
    struct json_writer writer = json_write_begin(&body);
    error_response_put(&writer, &refusal);
    json_write_end(&writer);
    struct json_value root;
    struct json_fault fault;
    bool json = json_check((struct json_value){body.bytes, body.length}, 8, JSON_UTF8_STRICT, &root, &fault);
    must(writer.ok && json, "the error body is JSON");
    must(json_kind(json_get(json_get(root, "error"), "message")) == JSON_STRING, "it has a message");
    buffer_free(&body);
}

static char *provider_of(struct input first)
{
    size_t start = first.length < 13 ? first.length : 13;
    return input_text((struct input){first.at + start, first.length - start});
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct input rest = {(const char *)bytes, size}, first = input_line(&rest);
    struct name_value headers[HEADERS_MAX];
    struct response_head head = {.headers = {0, headers}};
    char *provider = provider_of(first), *status = input_text(first);
    rest = read_headers(&head, rest);
    struct provider_answer given = {
        .status = strlen(status) > 9 ? abs(atoi(status + 9) % 1000) : 0,
        .head = &head,
        .body = {rest.at, rest.length},
        .provider = *provider ? provider : NULL,
        .secrets = secrets,
    };
    struct failure why;
    must(!failure_map(&why, &given), "it is a failure");
    check_failure(&why);
    check_body(&why);
    for (size_t i = 0; i < head.headers.count; i++) {
        free(headers[i].name);
        free(headers[i].value);
    }
    free(provider);
    free(status);
    return 0;
}
