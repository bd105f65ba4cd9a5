/* What the usage log says and what the ledger says, side by side. */
#ifndef LEDGER_TRUTH_H
#define LEDGER_TRUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/kit/text.h"

struct ledger;
struct settings;
struct usage_log;

#define TRUTH_CLIENTS 8

/* What tells requests apart, because they may share an id. */
extern enum truth_key { TRUTH_REQUEST, TRUTH_RECORD, TRUTH_RUN } truth_key;

/* What the log's lines come to. Money is in billionths of a USD. */
struct truth {
    struct text ids; /* one a line, in the order of the log */
    size_t lines, torn, doubled, crashed;
    int64_t cost;
    struct {
        char name[64];
        int64_t cost, lines;
    } clients[TRUTH_CLIENTS];
};

/* Reads the log with its rotations; a missing one has no lines. */
void truth_read(struct truth *truth, const char *log);
void truth_free(struct truth *truth);

/* How often a request has a line. */
size_t truth_count(const struct truth *truth, const char *id);

/* Compares the ledger in `folder` with the log when no process is at work and recovery has run: no open
 * exchange, nothing reserved, no request counted as running, each client's sum and the number of requests as
 * in the log. Prints the differences and returns their number. */
size_t truth_compare(const struct truth *truth, const char *folder);

/* The requests that the ledger in `folder` has counted. */
int64_t truth_requests(const char *folder);

/* Prints the sums of the ledger in `folder`, one a line. */
void truth_print(const char *folder, struct text *words);

/* Of processes that use the ledger in `folder`; the accounts are there, or in the Redis of `truth_redis`. */
struct settings truth_settings(const char *folder);
extern const char *truth_redis;

/* Exchanges that recovery has not finished: open ones of the dead, and lines that wait for the log. */
int64_t truth_left(const char *folder);

/* Exchanges whose outcome Redis does not know. */
int64_t truth_owed(const char *folder);

/* As gateway.c opens them: a log that begins anew begins with a checkpoint. */
struct truth_services {
    struct ledger *ledger;
    struct usage_log *log;
};

/* Opens both, with settings that outlive them. The struct must stay where it is. */
void truth_open(struct truth_services *services, const struct settings *settings, const char *log);
void truth_close(struct truth_services *services);

/* Finishes what the dead have left, as a worker would. */
void truth_recover(const char *folder, const char *log);

#endif
