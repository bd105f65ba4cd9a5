/* Random bytes instead of a request: the client is answered or cut off, and no other request is affected. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../kit/process.h"
#include "../kit/talk.h"
#include "../kit/text.h"
#include "../kit/variables.h"
#include "raw_request.h"

#include "../pool/chat.h"

#define SEED 20261120
#define HANGS_MS 20000
#define LOOK_EVERY 500 /* requests between two proper ones */

#if defined(__SANITIZE_ADDRESS__)
#define SHARE 5 /* all of it would take minutes then */
#else
#define SHARE 1
#endif

static uint64_t state;

/* xorshift64*: the same everywhere, which rand() is not. */
static uint32_t draw(uint32_t below)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)((state * UINT64_C(2685821657736338717)) >> 33) % below;
}

static void put_random(struct text *bytes, size_t length)
{
    char *room = text_room(bytes, length);
    for (size_t i = 0; i < length; i++)
        room[i] = (char)draw(256);
    text_fill(bytes, length);
}

static void put_noise(struct text *bytes)
{
    put_random(bytes, draw(300));
}

/* Records with heads that are right, and anything else in them. */
static void put_records(struct text *bytes)
{
    for (uint32_t records = 1 + draw(5); records > 0; records--) {
        uint32_t length = draw(200), padding = draw(9);
        const unsigned char head[8] = {1,
                                       (unsigned char)draw(13),
                                       0,
                                       (unsigned char)(draw(4) ? 1 : draw(256)),
                                       (unsigned char)(length >> 8),
                                       (unsigned char)length,
                                       (unsigned char)padding,
                                       0};
        text_append(bytes, head, sizeof head);
        put_random(bytes, draw(10) ? length + padding : draw(100));
    }
}

/* A whole request with some of its bytes changed. */
static void put_spoilt(struct text *bytes)
{
    struct text body = {0};
    raw_chat_body(&body, "bench", draw(2) == 0);
    raw_request(bytes, "POST", "/v1/chat/completions", NULL, body.bytes, body.length);
    for (uint32_t changes = 1 + draw(8); changes > 0; changes--)
        bytes->bytes[draw((uint32_t)bytes->length)] = (char)draw(256);
    text_free(&body);
}

static void put_json(struct text *bytes)
{
    static const char alphabet[] = "{}[]\",:0123456789.eE+-\\ntrufalsmdo \t\n\x80\xff";
    struct text body = {0};
    if (draw(2))
        text_put(&body, "{\"model\":\"bench\",\"messages\":");
    for (uint32_t length = 1 + draw(200); length > 0; length--)
        text_append(&body, &alphabet[draw(sizeof alphabet - 1)], 1);
    raw_request(bytes, "POST", "/v1/chat/completions", NULL, body.bytes, body.length);
    text_free(&body);
}

static void put_header(struct text *bytes)
{
    static const char *const names[] = {"Authorization",  "X-Request-Id", "X-Run-Id",
                                        "Content-Length", "Content-Type", "X-LlamaStack-Provider-Data",
                                        "Host",           "Accept"};
    struct text header = {0}, body = {0};
    text_format(&header, "%s: ", names[draw(sizeof names / sizeof *names)]);
    for (uint32_t length = draw(120); length > 0; length--) {
        char byte = (char)(1 + draw(255));
        text_append(&header, &byte, 1);
    }
    raw_chat_body(&body, "bench", false);
    raw_request(bytes, draw(4) ? "POST" : "G\x01T", draw(4) ? "/v1/chat/completions" : "/v1/%00%ff\x7f//..",
                header.bytes, body.bytes, body.length);
    text_free(&header);
    text_free(&body);
}

static struct {
    unsigned answered, refused, left;
} outcome;

static void throw_one(const struct service *service, unsigned number)
{
    static void (*const kinds[])(struct text *) = {put_noise, put_records, put_spoilt, put_json, put_header};
    struct text bytes = {0}, heard = {0};
    kinds[number % (sizeof kinds / sizeof *kinds)](&bytes);
    int socket = raw_send(service, &bytes);
    shutdown(socket, SHUT_WR);
    EXPECT(raw_receive(socket, &heard, HANGS_MS), "request %u of seed %d hangs", number, SEED);
    int status = raw_status(&heard);
    outcome.answered += status == 200;
    outcome.refused += status >= 400;
    outcome.left += status == 0;
    close(socket);
    text_free(&bytes);
    text_free(&heard);
}

static void garbage_harms_no_other_request(struct service *service)
{
    pid_t pids[WORKERS_MAX];
    state = SEED;
    chat_service_start(service,
                       "pool: { min_spare = 2; max_spare = 2; max_workers = 2; max_requests = 0; };\n"
                       "limits: { client_timeout = 1; };\n");
    EXPECT(chat_once(service), "no service");
    EXPECT_SOON(service_workers(service, pids) == 2, "not two workers");
    int64_t began = now_ms();
    unsigned count = garbage_count / SHARE;
    for (unsigned i = 0; i < count; i++) {
        throw_one(service, i);
        if (i % LOOK_EVERY == 0)
            EXPECT(chat_once(service), "no service after request %u of seed %d", i, SEED);
    }
    printf("%u requests of garbage (seed %d) in %.1f s: %u answered, %u refused, %u cut off\n", count, SEED,
           (double)(now_ms() - began) / 1000, outcome.answered, outcome.refused, outcome.left);
    EXPECT(chat_once(service), "no service in the end");
    expect_no_worker_died(service);
    pid_t after[WORKERS_MAX];
    EXPECT(service_workers(service, after) == 2 && after[0] == pids[0] && after[1] == pids[1],
           "workers were replaced");
    for (size_t i = 0; i < 2; i++)
        EXPECT(process_descriptors(pids[i]) < 30, "a worker has %zu descriptors",
               process_descriptors(pids[i]));
    service_stop(service);
}

/* What a web server makes of garbage for a program: variables and a body. */
static void put_variables(struct variables *variables, struct text *body)
{
    static const char *const names[] = {"REQUEST_METHOD",     "REQUEST_URI",    "PATH_INFO",
                                        "SCRIPT_NAME",        "CONTENT_LENGTH", "CONTENT_TYPE",
                                        "HTTP_AUTHORIZATION", "QUERY_STRING",   "HTTP_X_RUN_ID",
                                        "REMOTE_ADDR",        "HTTP_COOKIE",    "SERVER_PROTOCOL"};
    variables_for_request(variables, "POST", "/v1/chat/completions");
    put_random(body, draw(200));
    variables_set_header(variables, "Content-Type", "application/json");
    for (uint32_t count = 1 + draw(4); count > 0; count--) {
        char value[80];
        uint32_t length = draw(sizeof value - 1);
        for (uint32_t i = 0; i < length; i++)
            value[i] = (char)(1 + draw(255));
        value[length] = '\0';
        variables_set(variables, names[draw(sizeof names / sizeof *names)], "%s", value);
    }
}

static void run_program(const struct service *service, unsigned number, int errors)
{
    struct variables variables = {0};
    struct text body = {0};
    struct talk talk;
    const char *arguments[] = {service->binary, NULL};
    variables_inherit(&variables);
    put_variables(&variables, &body);
    variables_set(&variables, "PENSTOCK_CONFIG", "%s", service->config);
    talk_cgi(&talk, arguments, &variables, text_words(&body), body.length, errors);
    for (int64_t end = now_ms() + HANGS_MS; talk_step(&talk, 100) && now_ms() < end;)
        continue;
    bool answered = talk.heard.length == 0 || strncmp(talk.heard.bytes, "Status: ", 8) == 0;
    EXPECT(talk.ended && answered, "program %u of seed %d says %.100s", number, SEED,
           text_words(&talk.heard));
    int status = talk_end(&talk, HANGS_MS);
    EXPECT(status == 0, "program %u of seed %d ended with %s", number, SEED, process_end_words(status));
    variables_free(&variables);
    text_free(&body);
}

static void garbage_ends_no_program(struct service *service)
{
    unsigned count = garbage_count / SHARE / 20;
    state = SEED;
    service_configure(
        service,
        "access: { anonymous = true; };\nproviders: { p: { base_url = \"http://127.0.0.1:1/v1\"; }; };\n"
        "limits: { client_timeout = 1; };\n");
    int errors = open(service->console, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int64_t began = now_ms();
    for (unsigned i = 0; i < count; i++)
        run_program(service, i, errors);
    printf("%u programs started with garbage (seed %d) in %.1f s\n", count, SEED,
           (double)(now_ms() - began) / 1000);
    expect_no_worker_died(service);
    close(errors);
}

const struct check garbage_checks[] = {
    {"garbage: as variables and body of a CGI program it ends none of them", garbage_ends_no_program},
    {"garbage: random bytes as records, variables, headers and JSON harm no other request",
     garbage_harms_no_other_request},
    {0},
};
