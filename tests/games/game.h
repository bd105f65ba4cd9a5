/* A game: options, a gateway of its own, findings, and the sum at its end. */
#ifndef GAMES_GAME_H
#define GAMES_GAME_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/pool/service.h"

enum game_way { WAY_SERVE, WAY_CGI, WAY_FD0 };

struct game {
    const char *name;
    uint64_t seed;
    long count; /* requests to play */
    long only;  /* the number of the one to play; -1: all */
    bool known; /* play what is known to fail, too */
    bool keep;  /* keep the folder */
    bool verbose;
    bool redis; /* the accounts are in Redis */
    enum game_way way;
    long passed, failed;
    struct service service;
};

/* Reads [--seed N] [--count N] [--only NUMBER] [--known] [--keep] [-v]; without --seed the seed is `seed`. */
void game_open(struct game *game, int argc, char **argv, uint64_t seed, long count);

/* A folder and a gateway of its own for a process that was forked from the game's. */
void game_again(struct game *game);

/* Starts the gateway as `way` says; a CGI program is only configured. */
void game_start(struct game *game, const char *settings);

/* Ends it. What dead CGI programs and workers have left is then recovered by a start of penstock serve. */
void game_stop(struct game *game);

/* Prints a finding with what reproduces it. After the first twenty it only counts, unless -v is given. */
void game_fail(struct game *game, long number, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* True until twenty findings are printed. */
bool game_tells(const struct game *game);

/* Prints the sum and removes the folder where nothing failed. The exit status. */
int game_close(struct game *game);

/* Waits until the file exists or the time is over. */
bool game_await_file(const char *path, int64_t ms);

#endif
