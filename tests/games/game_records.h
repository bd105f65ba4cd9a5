/* The usage log of a game, by the number in each request's id. */
#ifndef GAMES_RECORDS_H
#define GAMES_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#define GAME_ID "game-" /* and the number */

struct game_attempt {
    char provider[16], model[40], reason[24];
    int status;
};

/* Members as they stand in the record; -1 or "" where they are null. Money in billionths of a USD. */
struct game_record {
    long number;
    char client[32], end[16], reason[24], usage_source[12], provider[16], model[40];
    int status;
    int64_t prompt, completion, cost, at_ms, duration_ms;
    size_t attempt_count;
    struct game_attempt *attempts;
};

struct game_records {
    struct game_record *items; /* in the order of their numbers, and of the log for one number */
    size_t count;
    size_t strange; /* lines that are no record of a game */
};

/* Reads the log; a missing one has no lines. */
void game_records_read(struct game_records *records, const char *path);
void game_records_free(struct game_records *records);

/* The records of a request; NULL: none. */
const struct game_record *game_records_find(const struct game_records *records, long number, size_t *count);

#endif
