/* Plays clients that chat, stream, upload, make mistakes and leave, with providers that fail. */
#include "traffic.h"

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../kit/process.h"
#include "../kit/text.h"
#include "../servers/client.h"
#include "../servers/expect.h"
#include "../servers/site.h"

#define TOLD 3 /* complaints about each kind of errand */
#define ANSWER_MS 20000
#define UPLOAD_BYTES (300 * 1024)

/* "sick" fails all the time, so its breaker opens; "slow" times out after a second. Both are the same
 * provider as "fake". */
const char *traffic_settings(void)
{
    return "aliases: (\n"
           "  { name = \"either\"; targets = [ \"sick:error-503\", \"fake:bench\" ]; },\n"
           "  { name = \"held\"; targets = [ \"sick:cut-between\", \"fake:bench-20x0\" ]; hold: { bytes = "
           "-1; }; },\n"
           "  { name = \"late\"; targets = [ \"slow:silent\", \"fake:bench\" ]; } );\n"
           "pool: { min_spare = 8; max_spare = 16; max_workers = 64; max_requests = 0; };\n"
           "keepalive_interval = 1;\n";
}

enum end { WHOLE, LEAVE_AT_ONCE, LEAVE_IN_STREAM };

/* A request and its expected answer: one of two statuses, and these words in the body. */
struct errand_kind {
    const char *name, *path, *model;
    bool stream;
    enum end end;
    int status, other_status; /* 0: none other */
    const char *words;        /* of an answer with `status` */
    unsigned weight;
};

#define UPLOAD "/v1/audio/transcriptions"

static const struct errand_kind kinds[] = {
    {"a chat", "/v1/chat/completions", "fake:bench", false, WHOLE, 200, 0, "\"choices\"", 30},
    {"a stream", "/v1/chat/completions", "fake:bench-50x0", true, WHOLE, 200, 0, "data: [DONE]", 20},
    {"a slow stream", "/v1/chat/completions", "fake:bench-10x50", true, WHOLE, 200, 0, "data: [DONE]", 8},
    {"a stream with keepalives", "/v1/chat/completions", "fake:bench-3x1200", true, WHOLE, 200, 0,
     "data: [DONE]", 1},
    {"embeddings", "/v1/embeddings", "fake:bench", false, WHOLE, 200, 0, "\"embedding\"", 8},
    {"a response", "/v1/responses", "fake:bench", false, WHOLE, 200, 0, "\"output\"", 8},
    {"a streamed response", "/v1/responses", "fake:bench-20x0", true, WHOLE, 200, 0, "response.completed", 6},
    {"a large body", "/v1/chat/completions", "fake:echo", false, WHOLE, 200, 0, "\"request\"", 3},
    {"a form with a file", UPLOAD, "fake:whisper", false, WHOLE, 200, 0, "name=\"file\"", 4},
    {"JSON with a mistake", "/v1/chat/completions", "", false, WHOLE, 400, 0, "\"error\"", 4},
    {"a model that is not there", "/v1/chat/completions", "unknown:nothing", false, WHOLE, 404, 400,
     "\"error\"", 4},
    {"a provider's 500", "/v1/chat/completions", "sick:error-500", false, WHOLE, 500, 503, "\"error\"", 2},
    {"a provider's 400", "/v1/chat/completions", "fake:error-400", false, WHOLE, 400, 0, "\"error\"", 3},
    {"a stream that is cut", "/v1/chat/completions", "sick:cut-inside", true, WHOLE, 200, 503, "upstream_cut",
     4},
    {"a silent provider", "/v1/chat/completions", "slow:silent", false, WHOLE, 504, 503, "\"error\"", 1},
    {"a second target", "/v1/chat/completions", "either", false, WHOLE, 200, 0, "\"choices\"", 6},
    {"a second target after silence", "/v1/chat/completions", "late", false, WHOLE, 200, 0, "\"choices\"", 2},
    {"a held stream", "/v1/chat/completions", "held", true, WHOLE, 200, 0, "data: [DONE]", 6},
    {"leaving at once", "/v1/chat/completions", "fake:bench-20x50", true, LEAVE_AT_ONCE, 0, 0, NULL, 6},
    {"leaving in a stream", "/v1/chat/completions", "fake:bench-100x20", true, LEAVE_IN_STREAM, 200, 0, NULL,
     8},
};

#define KINDS (sizeof kinds / sizeof *kinds)

const char *errand_name(size_t request)
{
    return request < KINDS ? kinds[request].name : NULL;
}

#define BOUNDARY "soaked"

static void put_filling(struct text *body)
{
    memset(text_room(body, UPLOAD_BYTES), 'x', UPLOAD_BYTES);
    text_fill(body, UPLOAD_BYTES);
}

static void put_form(struct text *body, const char *model)
{
    text_format(body,
                "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n%s\r\n--" BOUNDARY
                "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n",
                model);
    put_filling(body);
    text_put(body, "\r\n--" BOUNDARY "--\r\n");
}

static bool is_upload(const struct errand_kind *kind)
{
    return strcmp(kind->path, UPLOAD) == 0;
}

static void put_body(struct text *body, const struct errand_kind *kind)
{
    bool responses = strstr(kind->path, "responses") || strstr(kind->path, "embeddings");
    if (is_upload(kind)) {
        put_form(body, kind->model);
        return;
    }
    if (!*kind->model) {
        text_put(body, "{\"model\":\"fake:bench\",\"messages\":[}");
        return;
    }
    text_format(body, "{\"model\":\"%s\",%s", kind->model, kind->stream ? "\"stream\":true," : "");
    if (responses)
        text_put(body, "\"input\":\"Hello\"}");
    else
        text_put(body, "\"messages\":[{\"role\":\"user\",\"content\":\"Hello");
    if (strcmp(kind->model, "fake:echo") == 0)
        put_filling(body);
    if (!responses)
        text_put(body, "\"}]}");
}

static long number_of(const struct http_client *client)
{
    return strtol(client->id + strlen("client-"), NULL, 10);
}

static void set_fate(struct traffic *traffic, const struct http_client *client, enum fate fate)
{
    long number = number_of(client);
    if (number > 0 && number < MOST_REQUESTS)
        traffic->fates[number] = (unsigned char)fate;
}

/* Did the gateway answer? The web server itself sends no X-Request-Id. */
static enum fate fate_of(const struct http_client *client)
{
    char *id = client_header(client, "X-Request-Id");
    enum fate fate = id ? FATE_ANSWERED : client->status >= 500 ? FATE_DISTURBED : FATE_UNKNOWN;
    free(id);
    return fate;
}

static bool is_right(const struct http_client *client, const struct errand_kind *kind)
{
    if (kind->end == LEAVE_AT_ONCE)
        return true;
    if (kind->end == LEAVE_IN_STREAM)
        return client->status == kind->status;
    if (!client->complete)
        return false;
    if (client->status == kind->status)
        return strstr(text_words(&client->body), kind->words) != NULL;
    return client->status == kind->other_status;
}

static void tell(const struct http_client *client, const struct errand_kind *kind)
{
    printf("    %s, %s: status %d, %s: %.300s\n", kind->name, client->id, client->status,
           client->complete ? "whole" : "cut short", text_words(&client->body));
    fflush(stdout);
}

/* A kill causes a missing answer or one that breaks off; run_soak compares how many there are with the kills.
 */
static void note(struct traffic *traffic, const struct http_client *client, size_t index)
{
    const struct errand_kind *kind = &kinds[index];
    enum fate fate = fate_of(client);
    if (is_right(client, kind)) {
        __atomic_add_fetch(&traffic->errands[index].good, 1, __ATOMIC_RELAXED);
        if (kind->end == LEAVE_AT_ONCE && fate == FATE_UNKNOWN)
            fate = FATE_LEFT;
    } else if (fate == FATE_ANSWERED && client->complete) {
        if (__atomic_add_fetch(&traffic->errands[index].bad, 1, __ATOMIC_RELAXED) <= TOLD)
            tell(client, kind);
    } else {
        fate = FATE_DISTURBED;
    }
    set_fate(traffic, client, fate);
}

static void go_on_errand(struct traffic *traffic, const struct site *site, size_t index)
{
    const struct errand_kind *kind = &kinds[index];
    struct text body = {0};
    struct http_client client;
    put_body(&body, kind);
    struct http_request request = {.method = "POST",
                                   .path = kind->path,
                                   .key = CLIENT_KEY,
                                   .type = is_upload(kind) ? "multipart/form-data; boundary=" BOUNDARY : NULL,
                                   .body = body.bytes,
                                   .length = body.length};
    EXPECT(client_begin(&client, site, &request), "the web server does not listen");
    set_fate(traffic, &client, FATE_LEFT);
    if (kind->end == LEAVE_IN_STREAM)
        client_receives(&client, "data: ", ANSWER_MS);
    else if (kind->end == LEAVE_AT_ONCE)
        client_step(&client, 0);
    else
        client_receive_all(&client, ANSWER_MS);
    note(traffic, &client, index);
    client_leave(&client);
    client_end(&client);
    text_free(&body);
}

static size_t choose(uint64_t *state)
{
    unsigned sum = 0, drawn;
    for (size_t i = 0; i < KINDS; i++)
        sum += kinds[i].weight;
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    drawn = (unsigned)((*state * UINT64_C(2685821657736338717)) >> 33) % sum;
    size_t index = 0;
    while (drawn >= kinds[index].weight)
        drawn -= kinds[index++].weight;
    return index;
}

static _Noreturn void live(struct traffic *traffic, const struct site *site, uint64_t seed, pid_t parent)
{
    uint64_t state = seed;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    close(site->life); /* the mount script ends when this pipe closes: only the parent may have it */
    while (!__atomic_load_n(&traffic->over, __ATOMIC_RELAXED))
        go_on_errand(traffic, site, choose(&state));
    fflush(stdout);
    _exit(0);
}

void traffic_start(struct traffic *traffic, const struct site *site, pid_t clients[CLIENTS])
{
    pid_t parent = getpid();
    fflush(stdout);
    for (size_t i = 0; i < CLIENTS; i++) {
        clients[i] = fork();
        if (clients[i] == 0)
            live(traffic, site, 20261120 + 7919 * i, parent);
    }
}

void traffic_stop(struct traffic *traffic, const pid_t clients[CLIENTS])
{
    __atomic_store_n(&traffic->over, true, __ATOMIC_RELAXED);
    for (size_t i = 0; i < CLIENTS; i++)
        EXPECT(process_wait(clients[i], 3 * ANSWER_MS) == 0, "a client does not come back");
}

long traffic_good(const struct traffic *traffic)
{
    long sum = 0;
    for (size_t i = 0; i < KINDS; i++)
        sum += __atomic_load_n(&traffic->errands[i].good, __ATOMIC_RELAXED);
    return sum;
}

long traffic_bad(const struct traffic *traffic)
{
    long sum = 0;
    for (size_t i = 0; i < KINDS; i++)
        sum += __atomic_load_n(&traffic->errands[i].bad, __ATOMIC_RELAXED);
    return sum;
}

long traffic_disturbed(const struct traffic *traffic, long asked)
{
    long sum = 0;
    for (long i = 1; i <= asked && i < MOST_REQUESTS; i++)
        sum += traffic->fates[i] == FATE_DISTURBED || traffic->fates[i] == FATE_UNKNOWN;
    return sum;
}
