/* What was played in the money game, and the judgement of it. */
#ifndef GAMES_MONEY_GAME_H
#define GAMES_MONEY_GAME_H

#include "game.h"
#include "game_records.h"
#include "money_bill.h"
#include "money_clients.h"
#include "seats.h"

/* What became of a request, as its client saw it. */
enum money_result {
    RESULT_NONE,     /* not asked */
    RESULT_SERVED,   /* an answer or an error of the provider */
    RESULT_LIMITED,  /* 429, limit_reached */
    RESULT_REFUSED,  /* 400 */
    RESULT_OVERFULL, /* 503 of ours */
    RESULT_BROKEN,   /* its worker was killed */
    RESULT_LEFT,
    RESULT_OTHER
};

struct money_play {
    enum money_result result;
    int status, phase;
    int64_t began_ms, ended_ms;
    size_t body_length;
    long seen; /* tokens of a stream that its client saw */
};

struct money_game {
    struct game game;
    struct money_client clients[MONEY_CLIENTS];
    struct money_shared *shared;
    struct money_play *plays;
    long next, until;
    int phase;                /* between two steps of the clock */
    bool busy[MONEY_CLIENTS]; /* sequential clients with a request under way */
    bool disturbed;           /* workers are killed */
    int64_t next_kill_ms, next_reload_ms;
    long kills, reloads, steps;
    char words[4][200]; /* of the first answers that no rule explains */
    unsigned word_count;
};

/* Compares bill, records and ledger when all has been stopped. */
void money_judge(struct money_game *money);

#endif
