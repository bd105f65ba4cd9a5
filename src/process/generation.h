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
struct scoreboard_setup;
struct settings;

struct generation {
    unsigned number; /* 1 at start, incremented by each reload */
    size_t slots;    /* slots of the scoreboard; limits the number of workers */
    size_t concurrency;
    size_t alive;
    struct scoreboard *board;
    struct member *members; /* by slot: the master's own record of each worker */
    struct generation *older;
};

/* The input of a new child of the master. */
struct child_setup {
    const struct settings *settings;
    const struct identity *identity;
    int listener;
    int master_only[2]; /* descriptors that a child closes; -1: none */
    void (*run_worker)(const struct settings *settings, int listener, struct scoreboard *board, size_t slot);
};

/* Creates a generation without workers, and its scoreboard. */
bool generation_create(const struct scoreboard_setup *setup, struct generation **generation,
                       struct failure *why) MUST_CHECK;
/* Must be called only when no worker is alive. */
void generation_destroy(struct generation *generation);

/* Forks one worker. Returns false if fork() fails or no slot is free. master.h lists the signals that are
 * blocked in a worker. */
bool generation_fork(struct generation *generation, const struct child_setup *setup,
                     struct failure *why) MUST_CHECK;

/* Sets signals, descriptors and privileges as a worker needs them. A child of the master calls it first. Logs
 * the reason and returns false if the child must exit. */
bool generation_become_child(const struct child_setup *setup) MUST_CHECK;

/* Sends a signal to all live workers. Any signal but SIGUSR1 tells them to exit. */
void generation_signal(struct generation *generation, int signal);
/* Tells up to `count` idle workers to exit, the last slots first. */
void generation_retire(struct generation *generation, size_t count);
/* Repeats the signal to workers that have to exit and are not busy, because a worker with a signal handler
 * can miss a signal that arrives just before it calls accept(). */
void generation_signal_again(struct generation *generation);

/* Records that a worker was stopped (SIGSTOP) or continued, as waitpid() reported in `status`. */
void generation_note_stopped(struct generation *generation, pid_t pid, int status);
/* Kills workers that have been stopped for 5 seconds, because they may hold a lock that all others wait
 * for. */
void generation_kill_stopped(struct generation *generation);

/* Call it once a second. Kills workers that serve several requests at a time and whose loops have not turned
 * for 5 seconds. */
void generation_kill_stuck(struct generation *generation);

/* Frees the slot of a dead worker and logs how it died, from waitpid()'s status. Returns false if the worker
 * does not belong to this generation. Sets `*abnormal` if the worker was not told to exit in this way. */
bool generation_reap(struct generation *generation, pid_t pid, int status, bool *abnormal) MUST_CHECK;

/* Counts the workers by state. A worker that was told to exit counts as leaving, whatever its state in the
 * scoreboard. */
struct pool_counts generation_count(const struct generation *generation);

/* ---- a list of generations, linked by `older`; NULL: empty ---- */

size_t generations_alive(const struct generation *newest);
void generations_signal(struct generation *newest, int signal);
/* Destroys the generations that have no live worker. */
void generations_remove_empty(struct generation **newest);

#endif
