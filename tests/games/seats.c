/* Polls the connections of all clients; no client waits for another. */
#include "seats.h"

#include <poll.h>
#include <string.h>

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

static void begin(struct seat *seat, const char *address, struct seat_request *request)
{
    struct variables variables = {0};
    struct text words = {0};
    int socket = net_connect_unix(address, CONNECT_MS);
    if (socket < 0)
        give_up("the gateway does not listen");
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
    talk_fastcgi(&seat->talk, socket, &variables, request->body.bytes, request->body.length);
    talk_step(&seat->talk, 0);
    variables_free(&variables);
    text_free(&words);
    text_free(&request->body);
}

static void end(const struct seats *seats, struct seat *seat, enum seat_end how)
{
    if (how == SEAT_LEFT)
        talk_leave(&seat->talk);
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

static unsigned fill(const struct seats *seats, struct seat *table)
{
    unsigned busy = 0;
    for (unsigned i = 0; i < seats->count; i++) {
        struct seat_request request = {0};
        if (!table[i].busy && seats->next(seats->context, &request))
            begin(&table[i], seats->socket, &request);
        busy += table[i].busy;
    }
    return busy;
}

static void wait_for_any(const struct seats *seats, const struct seat *table)
{
    struct pollfd waits[SEATS_MAX];
    for (unsigned i = 0; i < seats->count; i++) {
        bool sends = table[i].busy && table[i].talk.sent < table[i].talk.out.length;
        waits[i] = (struct pollfd){.fd = table[i].busy ? table[i].talk.from : -1,
                                   .events = (short)(POLLIN | (sends ? POLLOUT : 0))};
    }
    poll(waits, seats->count, TICK_MS);
}

void seats_play(const struct seats *seats)
{
    static struct seat table[SEATS_MAX];
    memset(table, 0, sizeof table);
    while (fill(seats, table)) {
        wait_for_any(seats, table);
        int64_t now = now_ms();
        for (unsigned i = 0; i < seats->count; i++)
            if (table[i].busy)
                step(seats, &table[i], now);
        if (seats->tick)
            seats->tick(seats->context);
    }
}
