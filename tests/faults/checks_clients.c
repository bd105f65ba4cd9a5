/* Clients that are slow, stall or leave: their worker is free again in time. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../kit/net.h"
#include "../kit/process.h"
#include "../kit/text.h"
#include "../pool/chat.h"
#include "raw_request.h"

/* A single worker with a client timeout of a second: a client that keeps it keeps all others waiting. */
#define ONE_WORKER                                                                                           \
    "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\nlimits: { client_timeout = 1; %s };\n"
#define FREED_MS 6000 /* a second, one more, and a loaded machine */

static void start_one_worker(struct service *service, const char *limits)
{
    char settings[300];
    snprintf(settings, sizeof settings, ONE_WORKER, limits);
    chat_service_start(service, settings);
}

static void put_chat(struct text *bytes, const char *model, bool stream)
{
    struct text body = {0};
    raw_chat_body(&body, model, stream);
    raw_request(bytes, "POST", "/v1/chat/completions", NULL, body.bytes, body.length);
    text_free(&body);
}

static void expect_record(const struct service *service, const char *words)
{
    EXPECT_SOON(count_in_file(service->usage, words) == 1, "no record says %s", words);
}

/* A stream larger than all buffers on the way. */
static void one_that_stops_reading_is_given_up(struct service *service)
{
    struct text bytes = {0};
    start_one_worker(service, "");
    put_chat(&bytes, "bench-100000x0", true);
    int reader = raw_send(service, &bytes);
    EXPECT_SOON(count_in_file(service->usage, "\"end\":\"client_gone\"") == 1,
                "the stream goes on without its client");
    expect_service_within(service, FREED_MS, "a stream that is not read");
    close(reader);
    text_free(&bytes);
    service_stop(service);
}

static void one_that_reads_slowly_gets_all(struct service *service)
{
    struct text bytes = {0}, heard = {0};
    start_one_worker(service, "");
    put_chat(&bytes, "bench-20000x0", true);
    int reader = raw_send(service, &bytes), size = 4096;
    setsockopt(reader, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    for (ssize_t got = 1; got > 0; rest()) {
        got = read(reader, text_room(&heard, 32768), 32768);
        text_fill(&heard, got > 0 ? (size_t)got : 0);
    }
    EXPECT(memmem(heard.bytes, heard.length, "data: [DONE]", 12), "%zu bytes and no end", heard.length);
    expect_record(service, "\"end\":\"complete\"");
    close(reader);
    text_free(&bytes);
    text_free(&heard);
    service_stop(service);
}

/* Sends so much of a request and then nothing; the connection stays. */
static void stall_at(const struct service *service, const struct text *whole, size_t length, const char *what)
{
    struct text part = {0}, heard = {0};
    text_append(&part, whole->bytes, length);
    int socket = raw_send(service, &part);
    int64_t began = now_ms();
    expect_service_within(service, FREED_MS, what);
    printf("%s: the worker was free again after %d ms\n", what, (int)(now_ms() - began));
    close(socket);
    text_free(&part);
    text_free(&heard);
}

static void one_that_stalls_is_given_up(struct service *service)
{
    struct text bytes = {0};
    start_one_worker(service, "");
    put_chat(&bytes, "bench", false);
    stall_at(service, &bytes, 0, "a connection without a byte");
    stall_at(service, &bytes, 5, "half a record's head");
    stall_at(service, &bytes, 40, "half of the variables");
    stall_at(service, &bytes, bytes.length - 30, "half of the body");
    stall_at(service, &bytes, bytes.length - 8, "a body without its end");
    expect_no_worker_died(service);
    text_free(&bytes);
    service_stop(service);
}

static void one_that_sends_slowly_is_served(struct service *service)
{
    struct text bytes = {0}, heard = {0};
    start_one_worker(service, "");
    put_chat(&bytes, "bench", false);
    size_t first = bytes.length - 90;
    int socket = net_connect_unix(service->address, PATIENCE_MS);
    EXPECT(send(socket, bytes.bytes, first, MSG_NOSIGNAL) == (ssize_t)first, "it takes nothing");
    for (size_t at = first; at < bytes.length; at++) {
        struct timespec pause = {.tv_nsec = 15000000};
        EXPECT(send(socket, bytes.bytes + at, 1, MSG_NOSIGNAL) == 1, "it breaks off at byte %zu", at);
        nanosleep(&pause, NULL);
    }
    EXPECT(raw_receive(socket, &heard, PATIENCE_MS) && raw_status(&heard) == 200, "it is not served");
    close(socket);
    text_free(&bytes);
    text_free(&heard);
    service_stop(service);
}

/* Its limit applies before its body has come, so that it holds no more workers than it may. */
/* True once /metrics shows that one request of the client "turns" runs. */
static bool one_runs(const struct service *service)
{
    struct talk talk;
    bool shown = chat_get(&talk, service, "/metrics") && chat_completes(&talk) &&
                 strstr(text_words(&talk.heard), "penstock_client_concurrent_requests{client=\"turns\"} 1\n");
    chat_free(&talk);
    return shown;
}

static void slow_bodies_count_as_requests(struct service *service)
{
    static const char limited[] =
        "clients: ( { name = \"turns\"; concurrent = 1; key_sha256 = "
        "\"6976a029d065bf7dd5a64c4a61ff9258550e18abe1838fb9c6ecda43c908147a\"; } );\n"
        "pool: { min_spare = 2; max_spare = 2; max_workers = 2; };\n";
    setenv("PENSTOCK_ACCESS_STATUS", "open", 1);
    static const char bearer[] = "Authorization: Bearer turns";
    struct text bytes = {0}, part = {0}, body = {0}, heard = {0};
    chat_service_start(service, limited);
    raw_chat_body(&body, "bench", false);
    raw_request(&bytes, "POST", "/v1/chat/completions", bearer, body.bytes, body.length);
    text_append(&part, bytes.bytes, bytes.length - 30);
    int slow = raw_send(service, &part);
    EXPECT_SOON(one_runs(service), "it is not counted");
    int status = raw_ask(service, "POST", "/v1/chat/completions", bearer, body.bytes, body.length, NULL);
    EXPECT(status == 429, "a second request: status %d", status);
    EXPECT(send(slow, bytes.bytes + part.length, bytes.length - part.length, MSG_NOSIGNAL) > 0, "it is cut");
    EXPECT(raw_receive(slow, &heard, PATIENCE_MS) && raw_status(&heard) == 200, "the first one: %d",
           raw_status(&heard));
    status = raw_ask(service, "POST", "/v1/chat/completions", bearer, body.bytes, body.length, NULL);
    EXPECT(status == 200, "the next one: %d", status);
    close(slow);
    text_free(&bytes);
    text_free(&part);
    text_free(&body);
    text_free(&heard);
    service_stop(service);
}

/* A client leaves after each byte of a request. */
static void leaving_in_the_request_harms_no_other(struct service *service)
{
    pid_t pids[WORKERS_MAX];
    struct text bytes = {0};
    start_one_worker(service, "");
    put_chat(&bytes, "bench", false);
    expect_service_within(service, PATIENCE_MS, "the start");
    EXPECT_SOON(service_workers(service, pids) == 1, "not one worker");
    size_t before = process_descriptors(pids[0]);
    for (size_t length = 0; length < bytes.length; length++) {
        struct text part = {0};
        text_append(&part, bytes.bytes, length);
        close(raw_send(service, &part));
        text_free(&part);
    }
    expect_service_within(service, PATIENCE_MS, "clients that left");
    expect_no_worker_died(service);
    pid_t after[WORKERS_MAX];
    EXPECT(service_workers(service, after) == 1 && after[0] == pids[0], "it is another worker");
    EXPECT_SOON(process_descriptors(pids[0]) <= before, "%zu descriptors were %zu",
                process_descriptors(pids[0]), before);
    printf("%zu clients left, each a byte later\n", bytes.length);
    text_free(&bytes);
    service_stop(service);
}

/* Reads so many bytes of a stream and goes. */
static void leave_after(const struct service *service, const struct text *bytes, size_t length)
{
    char some[4096];
    int socket = raw_send(service, bytes);
    while (length > 0) {
        ssize_t got = read(socket, some, length < sizeof some ? length : sizeof some);
        if (got <= 0)
            break;
        length -= (size_t)got;
    }
    close(socket);
}

static void leaving_in_the_answer_harms_no_other(struct service *service)
{
    enum { LEAVERS = 60 };
    pid_t pids[WORKERS_MAX], after[WORKERS_MAX];
    struct text bytes = {0};
    start_one_worker(service, "");
    expect_service_within(service, PATIENCE_MS, "the start");
    EXPECT_SOON(service_workers(service, pids) == 1, "not one worker");
    size_t before = process_descriptors(pids[0]);
    put_chat(&bytes, "bench-2000x0", true);
    for (size_t i = 0; i < LEAVERS; i++)
        leave_after(service, &bytes, i * 97);
    expect_service_within(service, PATIENCE_MS, "clients that left");
    expect_no_worker_died(service);
    EXPECT_SOON(count_in_file(service->usage, "\n") == LEAVERS + 2, "%zu records of %d requests",
                count_in_file(service->usage, "\n"), LEAVERS + 2);
    EXPECT(service_workers(service, after) == 1 && after[0] == pids[0], "it is another worker");
    EXPECT_SOON(process_descriptors(pids[0]) <= before, "%zu descriptors were %zu",
                process_descriptors(pids[0]), before);
    text_free(&bytes);
    service_stop(service);
}

static int ask_sized(const struct service *service, size_t size)
{
    static const char head[] = "{\"model\":\"bench\",\"messages\":[{\"role\":\"user\",\"content\":\"",
                      tail[] = "\"}]}";
    struct text body = {0};
    size_t filling = size - (sizeof head - 1) - (sizeof tail - 1);
    text_put(&body, head);
    memset(text_room(&body, filling), 'x', filling);
    text_fill(&body, filling);
    text_put(&body, tail);
    int status = raw_ask(service, "POST", "/v1/chat/completions", NULL, body.bytes, body.length, NULL);
    text_free(&body);
    return status;
}

static int ask_deep(const struct service *service, size_t depth)
{
    struct text body = {0};
    text_put(&body, "{\"model\":\"bench\",\"messages\":[],\"x\":");
    for (size_t i = 1; i < depth; i++)
        text_put(&body, "[");
    for (size_t i = 1; i < depth; i++)
        text_put(&body, "]");
    text_put(&body, "}");
    int status = raw_ask(service, "POST", "/v1/chat/completions", NULL, body.bytes, body.length, NULL);
    text_free(&body);
    return status;
}

static int ask_with_header(const struct service *service, size_t size)
{
    struct text header = {0}, body = {0};
    text_put(&header, "X-LlamaStack-Provider-Data: ");
    memset(text_room(&header, size), 'x', size);
    text_fill(&header, size);
    raw_chat_body(&body, "bench", false);
    int status = raw_ask(service, "POST", "/v1/chat/completions", header.bytes, body.bytes, body.length,
                         NULL);
    text_free(&header);
    text_free(&body);
    return status;
}

static void limits_hold_exactly(struct service *service)
{
    start_one_worker(service, "body = \"64K\"; header = \"2K\"; json_depth = 100;");
    EXPECT(ask_sized(service, 65535) == 200, "less than the body's limit");
    EXPECT(ask_sized(service, 65536) == 200, "the body's limit itself");
    EXPECT(ask_sized(service, 65537) == 413, "one byte over the body's limit");
    EXPECT(ask_sized(service, 4 * 65536) == 413, "four times the body's limit");
    EXPECT(ask_sized(service, 64 * 65536) != 200, "far over the body's limit");
    EXPECT(ask_deep(service, 100) == 200, "the depth's limit itself");
    EXPECT(ask_deep(service, 101) == 400, "one over the depth's limit");
    EXPECT(ask_with_header(service, 2048) == 200, "the header's limit itself");
    EXPECT(ask_with_header(service, 2049) == 400, "one byte over the header's limit");
    expect_service_within(service, PATIENCE_MS, "large requests");
    expect_no_worker_died(service);
    service_stop(service);
}

#define KEY "Authorization: Bearer key-of-the-blog"
#define KEY_DIGEST "6a3b4740c474da7d97ac38cde099687d018ef24e2160e60f29994bae8e15bcdf"

/* Sends half of a request whose body never ends; the status that comes all the same. */
static int ask_by_half(const struct service *service, const char *method, const char *url, const char *header,
                       size_t size)
{
    struct text body = {0}, bytes = {0}, part = {0}, heard = {0};
    memset(text_room(&body, size), ' ', size);
    text_fill(&body, size);
    raw_request(&bytes, method, url, header, body.bytes, body.length);
    text_append(&part, bytes.bytes, bytes.length - size / 2);
    int socket = raw_send(service, &part);
    bool ended = raw_receive(socket, &heard, PATIENCE_MS);
    int status = ended ? raw_status(&heard) : -1;
    close(socket);
    text_free(&body);
    text_free(&bytes);
    text_free(&part);
    text_free(&heard);
    return status;
}

/* A single worker without a client timeout that would help: it is free because it does not wait for a body.
 */
static void a_refusal_does_not_wait_for_the_body(struct service *service)
{
    static const struct {
        const char *method, *url, *header;
        size_t size;
        int status;
    } cases[] = {
        {"POST", "/v1/chat/completions", NULL, 2000, 401},
        {"POST", "/v1/audio/transcriptions", NULL, 2000, 401},
        {"POST", "/v1/nothing", NULL, 2000, 404},
        {"POST", "/v1/models", NULL, 2000, 405},
        {"GET", "/healthz", NULL, 2000, 200},
        {"POST", "/v1/chat/completions", KEY, 300000, 413},
        {"GET", "/v1/models/small", KEY, 2000, 404},
        {"POST", "/v1/chat/completions", KEY, 100000, 429},
    };
    struct text settings = {0};
    unsigned port = chat_provider_start(service);
    text_format(&settings,
                "providers: { fake: { base_url = \"http://127.0.0.1:%u/v1\"; api_key = \"key\"; }; };\n"
                "clients: ( { name = \"blog\"; key_sha256 = \"" KEY_DIGEST
                "\"; requests_per_minute = 1; } );\n"
                "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\n"
                "limits: { client_timeout = 600; body = \"200K\"; };\n",
                port);
    service_start(service, settings.bytes);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int status = ask_by_half(service, cases[i].method, cases[i].url, cases[i].header, cases[i].size);
        EXPECT(status == cases[i].status, "%s %s, %zu bytes: status %d, not %d", cases[i].method,
               cases[i].url, cases[i].size, status, cases[i].status);
    }
    text_free(&settings);
    service_stop(service);
}

const struct check client_checks[] = {
    {"clients: one that stops reading is given up", one_that_stops_reading_is_given_up},
    {"clients: one that reads slowly gets the whole answer", one_that_reads_slowly_gets_all},
    {"clients: one that stalls in its request is given up", one_that_stalls_is_given_up},
    {"clients: one that sends a byte at a time is served", one_that_sends_slowly_is_served},
    {"clients: a body that comes slowly counts as a request", slow_bodies_count_as_requests},
    {"clients: leaving after any byte of a request harms no other", leaving_in_the_request_harms_no_other},
    {"clients: leaving after any part of an answer harms no other", leaving_in_the_answer_harms_no_other},
    {"clients: a refusal does not wait for the body", a_refusal_does_not_wait_for_the_body},
    {"clients: bodies, headers and depths at their limits, and one over", limits_hold_exactly},
    {0},
};
