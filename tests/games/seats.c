/* Polls the connections of all clients; no client waits for another. */
#include "seats.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tests/kit/net.h"
#include "tests/kit/process.h"
#include "tests/kit/variables.h"

#define TICK_MS 5
#define CONNECT_MS 10000

struct seat {
    struct talk talk;
    bool busy;
    long number;
    int64_t ends_ms, leaves_ms; /* 0: the client stays */
    const char *leave_words;
};

static struct seat table[SEATS_MAX];

static void send(struct talk *talk, const struct seats *seats, struct variables *variables,
                 const struct text *body)
{
    const char *arguments[] = {seats->program, NULL};
    if (seats->program) {
        variables_inherit(variables);
        variables_set(variables, "PENSTOCK_CONFIG", "%s", seats->config);
        if (getenv("CLOCK_SHIFT"))
            variables_set(variables, "CLOCK_SHIFT", "%s", getenv("CLOCK_SHIFT"));
        talk_cgi(talk, arguments, variables, body->bytes, body->length, seats->err);
        return;
    }
    int socket = net_connect_unix(seats->socket, CONNECT_MS);
    if (socket < 0)
        give_up("the gateway does not listen");
    talk_fastcgi(talk, socket, variables, body->bytes, body->length);
}

static void begin(struct seat *seat, const struct seats *seats, struct seat_request *request)
{
    struct variables variables = {0};
    struct text words = {0};
    variables_for_request(&variables, "POST", request->url);
    text_format(&words, "Bearer %s", request->key ? request->key : "");
    if (request->key)
        variables_set_header(&variables, "Authorization", words.bytes);
    variables_set_header(&variables, "X-Request-Id", request->id);
    variables_set_header(&variables, "Content-Type", request->type ? request->type : "application/json");
    variables_set(&variables, "CONTENT_LENGTH", "%zu", request->body.length);
    int64_t now = now_ms();
    *seat = (struct seat){.busy = true,
                          .number = request->number,
                          .ends_ms = now + SEAT_PATIENCE_MS,
                          .leaves_ms = request->leave_ms ? now + request->leave_ms : 0,
                          .leave_words = request->leave_words};
    send(&seat->talk, seats, &variables, &request->body);
    talk_step(&seat->talk, 0);
    variables_free(&variables);
    text_free(&words);
    text_free(&request->body);
}

static void end(const struct seats *seats, struct seat *seat, enum seat_end how)
{
    if (how == SEAT_LEFT)
        talk_leave(&seat->talk);
    if (seat->talk.pid) {
        int status = process_wait(seat->talk.pid, CONNECT_MS);
        if (status > 0 && WIFSIGNALED(status) && how == SEAT_WHOLE)
            how = SEAT_BROKE;
        seat->talk.pid = status == -1 ? seat->talk.pid : 0;
    }
    seat->busy = false;
    seats->ended(seats->context, seat->number, &seat->talk, how);
    talk_end(&seat->talk, 0);
}

static void step(const struct seats *seats, struct seat *seat, int64_t now)
{
    bool left = (seat->leaves_ms && now >= seat->leaves_ms) ||
                (seat->leave_words && strstr(text_words(&seat->talk.heard), seat->leave_words));
    if (!talk_step(&seat->talk, 0))
        end(seats, seat, seat->talk.broken ? SEAT_BROKE : SEAT_WHOLE);
    else if (left)
        end(seats, seat, SEAT_LEFT);
    else if (now >= seat->ends_ms)
        end(seats, seat, SEAT_HANGS);
}

static unsigned fill(const struct seats *seats)
{
    unsigned busy = 0;
    for (unsigned i = 0; i < seats->count; i++) {
        struct seat_request request = {0};
        if (!table[i].busy && seats->next(seats->context, &request))
            begin(&table[i], seats, &request);
        busy += table[i].busy;
    }
    return busy;
}

static void wait_for_any(const struct seats *seats)
{
    struct pollfd waits[SEATS_MAX];
    for (unsigned i = 0; i < seats->count; i++) {
        bool sends = table[i].busy && !seats->program && table[i].talk.sent < table[i].talk.out.length;
        waits[i] = (struct pollfd){.fd = table[i].busy ? table[i].talk.from : -1,
                                   .events = (short)(POLLIN | (sends ? POLLOUT : 0))};
    }
    poll(waits, seats->count, TICK_MS);
}

size_t seats_programs(pid_t pids[static SEATS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < SEATS_MAX; i++)
        if (table[i].busy && table[i].talk.pid)
            pids[count++] = table[i].talk.pid;
    return count;
}

void seats_play(const struct seats *seats)
{
    memset(table, 0, sizeof table);
    while (fill(seats)) {
        wait_for_any(seats);
        int64_t now = now_ms();
        for (unsigned i = 0; i < seats->count; i++)
            if (table[i].busy)
                step(seats, &table[i], now);
        if (seats->tick)
            seats->tick(seats->context);
    }
}
