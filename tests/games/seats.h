/* Many clients at once in one process, each with one request over FastCGI at a time. */
#ifndef GAMES_SEATS_H
#define GAMES_SEATS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/kit/talk.h"

#define SEATS_MAX 64
#define SEAT_PATIENCE_MS 60000

/* A client's next request. */
struct seat_request {
    long number;             /* of the game */
    const char *url, *key;   /* key NULL: none */
    const char *type;        /* of the body; NULL: JSON */
    const char *id;          /* X-Request-Id */
    struct text body;        /* freed by the seats */
    int64_t leave_ms;        /* the client leaves so long after it has asked; 0: it stays */
    const char *leave_words; /* the client leaves once it has these; NULL: it stays */
};

enum seat_end {
    SEAT_WHOLE, /* the gateway ended the request */
    SEAT_BROKE, /* the connection ended before */
    SEAT_LEFT,  /* the client left, as it was told */
    SEAT_HANGS  /* no end came in SEAT_PATIENCE_MS */
};

struct seats {
    const char *socket;  /* of the gateway */
    const char *program; /* run as a CGI program for each request instead; NULL: it is not */
    const char *config;  /* its settings */
    int err;             /* becomes its descriptor 2 */
    unsigned count;      /* at most SEATS_MAX */
    /* The next request; false: there is none now. `requests` is all zero before. */
    bool (*next)(void *context, struct seat_request *request);
    /* `talk->heard` is the answer as far as it came. */
    void (*ended)(void *context, long number, const struct talk *talk, enum seat_end end);
    /* Called every few milliseconds; may be NULL. */
    void (*tick)(void *context);
    void *context;
};

/* Asks until `next` has nothing more and all answers have come. */
void seats_play(const struct seats *seats);

/* The CGI programs that run now. */
size_t seats_programs(pid_t pids[static SEATS_MAX]);

#endif
