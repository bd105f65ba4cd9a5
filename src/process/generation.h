/* The workers that were started with the same settings: forked, signalled, counted and reaped together. */
#ifndef PENSTOCK_PROCESS_GENERATION_H
#define PENSTOCK_PROCESS_GENERATION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/base.h"
#include "process/pool.h"

struct failure;
struct identity;
struct scoreboard;
struct settings;

struct generation {
    unsigned number; /* 1 at start, one more with each reload */
    size_t slots;    /* of the scoreboard: never more workers than that */
    size_t alive;
    struct scoreboard *board;
    struct member *members; /* by slot: what the master knows about each worker, not what the worker says */
    struct generation *older;
};

/* What a new child of the master needs. */
struct child_setup {
    const struct settings *settings;
    const struct identity *identity;
    int listener;
    int master_only[2]; /* descriptors that a child closes; -1: none */
    void (*run_worker)(const struct settings *settings, int listener, struct scoreboard *board, size_t slot);
};

/* `wake`: the eventfd by which workers wake the master; borrowed. */
bool generation_create(unsigned number, size_t slots, size_t min_spare, int wake,
                       struct generation **generation, struct failure *why) MUST_CHECK;
/* Only when no worker is alive. */
void generation_destroy(struct generation *generation);

/* Forks one worker; false if the system or the number of slots forbids it. master.h says which signals are
 * blocked in a worker. */
bool generation_fork(struct generation *generation, const struct child_setup *setup,
                     struct failure *why) MUST_CHECK;

/* In a child of the master, first of all: signals, descriptors and privileges as a worker has them. False: it
 * must exit, and the reason is logged. */
bool generation_become_child(const struct child_setup *setup) MUST_CHECK;

/* Sends a signal to all workers that are alive. Any signal but SIGUSR1 means that they have to exit. */
void generation_signal(struct generation *generation, int signal);
/* Tells up to `count` idle workers to exit, the last slots first. */
void generation_retire(struct generation *generation, size_t count);
/* Repeats the signal to workers that have to exit and are not busy: a worker that catches signals by a
 * handler can miss one just before it calls accept(). */
void generation_signal_again(struct generation *generation);

/* Notes that a worker was stopped (SIGSTOP) or continued, from waitpid()'s status. */
void generation_note_stopped(struct generation *generation, pid_t pid, int status);
/* Kills workers that have been stopped for 5 seconds: they may hold a lock that all others wait for. */
void generation_kill_stopped(struct generation *generation);

/* Frees the slot of a dead worker and logs how it died, from waitpid()'s status; false if it does not belong
 * to this generation. `*abnormal`: it was not told to exit like this. */
bool generation_reap(struct generation *generation, pid_t pid, int status, bool *abnormal) MUST_CHECK;

/* A worker that was told to exit counts as leaving, whatever the scoreboard says. */
struct pool_counts generation_count(const struct generation *generation);

/* ---- a list of generations, linked by `older`; NULL: empty ---- */

size_t generations_alive(const struct generation *newest);
void generations_signal(struct generation *newest, int signal);
/* Destroys those without a worker. */
void generations_remove_empty(struct generation **newest);

#endif
