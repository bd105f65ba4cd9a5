/* Clients that are slow, stall, or leave: whatever they do, their worker is free again in time. */
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

/* A single worker that waits a second for its client: who holds it, holds everybody. */
#define ONE_WORKER                                                                                           \
    "pool: { min_spare = 1; max_spare = 1; max_workers = 1; };\nlimits: { client_timeout = 1; %s };\n"
#define FREED_MS 6000 /* a second, one more, and a loaded machine */

static void start_one_worker(struct stage *stage, const char *limits)
{
    char settings[300];
    snprintf(settings, sizeof settings, ONE_WORKER, limits);
    chat_stage_start(stage, settings);
}

static void put_chat(struct text *bytes, const char *model, bool stream)
{
    struct text body = {0};
    siege_chat_body(&body, model, stream);
    siege_request(bytes, "POST", "/v1/chat/completions", NULL, body.bytes, body.length);
    text_free(&body);
}

static void expect_record(const struct stage *stage, const char *words)
{
    EXPECT_SOON(stage_count_words(stage->usage, words) == 1, "no record says %s", words);
}

/* More than all buffers between take: a stream, and an answer in one piece. */
static void who_stops_reading_is_left(struct stage *stage)
{
    struct text bytes = {0};
    start_one_worker(stage, "");
    put_chat(&bytes, "bench-100000x0", true);
    int reader = siege_send(stage, &bytes);
    EXPECT_SOON(stage_count_words(stage->usage, "\"end\":\"client_gone\"") == 1,
                "the stream goes on for nobody");
    siege_expect_service(stage, FREED_MS, "a stream that nobody reads");
    close(reader);
    text_free(&bytes);
    stage_stop(stage);
}

static void who_reads_slowly_gets_all(struct stage *stage)
{
    struct text bytes = {0}, heard = {0};
    start_one_worker(stage, "");
    put_chat(&bytes, "bench-20000x0", true);
    int reader = siege_send(stage, &bytes), size = 4096;
    setsockopt(reader, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    for (ssize_t got = 1; got > 0; rest()) {
        got = read(reader, text_room(&heard, 32768), 32768);
        text_fill(&heard, got > 0 ? (size_t)got : 0);
    }
    EXPECT(memmem(heard.bytes, heard.length, "data: [DONE]", 12), "%zu bytes and no end", heard.length);
    expect_record(stage, "\"end\":\"complete\"");
    close(reader);
    text_free(&bytes);
    text_free(&heard);
    stage_stop(stage);
}

/* Sends so much of a request and then nothing; the connection stays. */
static void stall_at(const struct stage *stage, const struct text *whole, size_t length, const char *what)
{
    struct text part = {0}, heard = {0};
    text_append(&part, whole->bytes, length);
    int socket = siege_send(stage, &part);
    int64_t began = now_ms();
    siege_expect_service(stage, FREED_MS, what);
    printf("%s: the worker was free again after %d ms\n", what, (int)(now_ms() - began));
    close(socket);
    text_free(&part);
    text_free(&heard);
}

static void who_stalls_is_left(struct stage *stage)
{
    struct text bytes = {0};
    start_one_worker(stage, "");
    put_chat(&bytes, "bench", false);
    stall_at(stage, &bytes, 0, "a connection without a byte");
    stall_at(stage, &bytes, 5, "half a record's head");
    stall_at(stage, &bytes, 40, "half of the variables");
    stall_at(stage, &bytes, bytes.length - 30, "half of the body");
    stall_at(stage, &bytes, bytes.length - 8, "a body without its end");
    siege_expect_nobody_died(stage);
    text_free(&bytes);
    stage_stop(stage);
}

static void who_sends_slowly_is_served(struct stage *stage)
{
    struct text bytes = {0}, heard = {0};
    start_one_worker(stage, "");
    put_chat(&bytes, "bench", false);
    size_t first = bytes.length - 90;
    int socket = net_connect_unix(stage->address, PATIENCE_MS);
    EXPECT(send(socket, bytes.bytes, first, MSG_NOSIGNAL) == (ssize_t)first, "it takes nothing");
    for (size_t at = first; at < bytes.length; at++) {
        struct timespec pause = {.tv_nsec = 15000000};
        EXPECT(send(socket, bytes.bytes + at, 1, MSG_NOSIGNAL) == 1, "it breaks off at byte %zu", at);
        nanosleep(&pause, NULL);
    }
    EXPECT(siege_hear(socket, &heard, PATIENCE_MS) && siege_status(&heard) == 200, "it is not served");
    close(socket);
    text_free(&bytes);
    text_free(&heard);
    stage_stop(stage);
}

/* Every byte of a request is one after which a client may leave. */
static void who_leaves_in_the_request_harms_nobody(struct stage *stage)
{
    pid_t pids[MOST_WORKERS];
    struct text bytes = {0};
    start_one_worker(stage, "");
    put_chat(&bytes, "bench", false);
    siege_expect_service(stage, PATIENCE_MS, "the start");
    EXPECT_SOON(stage_workers(stage, pids) == 1, "not one worker");
    size_t before = process_descriptors(pids[0]);
    for (size_t length = 0; length < bytes.length; length++) {
        struct text part = {0};
        text_append(&part, bytes.bytes, length);
        close(siege_send(stage, &part));
        text_free(&part);
    }
    siege_expect_service(stage, PATIENCE_MS, "clients that left");
    siege_expect_nobody_died(stage);
    pid_t after[MOST_WORKERS];
    EXPECT(stage_workers(stage, after) == 1 && after[0] == pids[0], "it is another worker");
    EXPECT_SOON(process_descriptors(pids[0]) <= before, "%zu descriptors were %zu",
                process_descriptors(pids[0]), before);
    printf("%zu clients left, each a byte later\n", bytes.length);
    text_free(&bytes);
    stage_stop(stage);
}

/* Reads so many bytes of a stream and goes. */
static void leave_after(const struct stage *stage, const struct text *bytes, size_t length)
{
    char some[4096];
    int socket = siege_send(stage, bytes);
    while (length > 0) {
        ssize_t got = read(socket, some, length < sizeof some ? length : sizeof some);
        if (got <= 0)
            break;
        length -= (size_t)got;
    }
    close(socket);
}

static void who_leaves_in_the_answer_harms_nobody(struct stage *stage)
{
    enum { LEAVERS = 60 };
    pid_t pids[MOST_WORKERS], after[MOST_WORKERS];
    struct text bytes = {0};
    start_one_worker(stage, "");
    siege_expect_service(stage, PATIENCE_MS, "the start");
    EXPECT_SOON(stage_workers(stage, pids) == 1, "not one worker");
    size_t before = process_descriptors(pids[0]);
    put_chat(&bytes, "bench-2000x0", true);
    for (size_t i = 0; i < LEAVERS; i++)
        leave_after(stage, &bytes, i * 97);
    siege_expect_service(stage, PATIENCE_MS, "clients that left");
    siege_expect_nobody_died(stage);
    EXPECT_SOON(stage_count_words(stage->usage, "\n") == LEAVERS + 2, "%zu records of %d requests",
                stage_count_words(stage->usage, "\n"), LEAVERS + 2);
    EXPECT(stage_workers(stage, after) == 1 && after[0] == pids[0], "it is another worker");
    EXPECT_SOON(process_descriptors(pids[0]) <= before, "%zu descriptors were %zu",
                process_descriptors(pids[0]), before);
    text_free(&bytes);
    stage_stop(stage);
}

static int ask_sized(const struct stage *stage, size_t size)
{
    static const char head[] = "{\"model\":\"bench\",\"messages\":[{\"role\":\"user\",\"content\":\"",
                      tail[] = "\"}]}";
    struct text body = {0};
    size_t filling = size - (sizeof head - 1) - (sizeof tail - 1);
    text_put(&body, head);
    memset(text_room(&body, filling), 'x', filling);
    text_fill(&body, filling);
    text_put(&body, tail);
    int status = siege_ask(stage, "POST", "/v1/chat/completions", NULL, body.bytes, body.length, NULL);
    text_free(&body);
    return status;
}

static int ask_deep(const struct stage *stage, size_t depth)
{
    struct text body = {0};
    text_put(&body, "{\"model\":\"bench\",\"messages\":[],\"x\":");
    for (size_t i = 1; i < depth; i++)
        text_put(&body, "[");
    for (size_t i = 1; i < depth; i++)
        text_put(&body, "]");
    text_put(&body, "}");
    int status = siege_ask(stage, "POST", "/v1/chat/completions", NULL, body.bytes, body.length, NULL);
    text_free(&body);
    return status;
}

static int ask_with_header(const struct stage *stage, size_t size)
{
    struct text header = {0}, body = {0};
    text_put(&header, "X-LlamaStack-Provider-Data: ");
    memset(text_room(&header, size), 'x', size);
    text_fill(&header, size);
    siege_chat_body(&body, "bench", false);
    int status = siege_ask(stage, "POST", "/v1/chat/completions", header.bytes, body.bytes, body.length,
                           NULL);
    text_free(&header);
    text_free(&body);
    return status;
}

static void ceilings_are_where_they_are_said_to_be(struct stage *stage)
{
    start_one_worker(stage, "body = \"64K\"; header = \"2K\"; json_depth = 100;");
    EXPECT(ask_sized(stage, 65535) == 200, "less than the body's limit");
    EXPECT(ask_sized(stage, 65536) == 200, "the body's limit itself");
    EXPECT(ask_sized(stage, 65537) == 413, "one byte over the body's limit");
    EXPECT(ask_sized(stage, 4 * 65536) == 413, "four times the body's limit");
    EXPECT(ask_sized(stage, 64 * 65536) != 200, "far over the body's limit");
    EXPECT(ask_deep(stage, 100) == 200, "the depth's limit itself");
    EXPECT(ask_deep(stage, 101) == 400, "one over the depth's limit");
    EXPECT(ask_with_header(stage, 2048) == 200, "the header's limit itself");
    EXPECT(ask_with_header(stage, 2049) == 400, "one byte over the header's limit");
    siege_expect_service(stage, PATIENCE_MS, "large requests");
    siege_expect_nobody_died(stage);
    stage_stop(stage);
}

const struct check client_checks[] = {
    {"clients: who stops reading loses the worker", who_stops_reading_is_left},
    {"clients: who reads slowly gets all of it", who_reads_slowly_gets_all},
    {"clients: who stalls in a request loses the worker", who_stalls_is_left},
    {"clients: who sends a byte at a time is served", who_sends_slowly_is_served},
    {"clients: who leaves after any byte of a request harms nobody", who_leaves_in_the_request_harms_nobody},
    {"clients: who leaves after any part of an answer harms nobody", who_leaves_in_the_answer_harms_nobody},
    {"clients: bodies, headers and depths at their ceilings, and one over",
     ceilings_are_where_they_are_said_to_be},
    {0},
};
