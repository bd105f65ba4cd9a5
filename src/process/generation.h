/* The workers that were started with the same settings: born, told, counted and buried together. */
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
    size_t limit;    /* rows of the board: never more workers than that */
    size_t alive;
    struct scoreboard *board;
    struct member *members; /* by row; what the master knows itself */
    struct generation *older;
};

/* What a new worker is given. */
struct child_setup {
    const struct settings *settings;
    const struct identity *identity;
    int listener;
    int masters_only[2]; /* descriptors that a worker must not hold; -1: none */
    void (*work)(const struct settings *settings, int listener, struct scoreboard *board, size_t row);
};

bool generation_create(unsigned number, size_t limit, size_t min_spare, int wake,
                       struct generation **generation, struct failure *why) MUST_CHECK;
/* Only when nobody is alive. */
void generation_destroy(struct generation *generation);

/* Forks one worker; false when the system or the limit forbids it. Signals that the master blocks stay
 * blocked in it as master.h says. */
bool generation_fork(struct generation *generation, const struct child_setup *birth,
                     struct failure *why) MUST_CHECK;

/* In a child of the master, first of all: signals, descriptors and privileges as a worker has them. False: it
 * must end, and the reason is logged. */
bool generation_become_child(const struct child_setup *birth) MUST_CHECK;

/* Sends a signal to all that are alive; unless it is SIGUSR1, they are then expected to leave. */
void generation_signal(struct generation *generation, int signal);
/* Tells up to `count` idle ones to leave, the last rows first. */
void generation_retire(struct generation *generation, size_t count);
/* Tells those again who should have left and say that they are not busy: whoever hears signals by a handler
 * can miss one on the threshold of accept(). */
void generation_signal_again(struct generation *generation);

/* A worker was stopped (SIGSTOP) or goes on, from waitpid()'s status. */
void generation_note_stopped(struct generation *generation, pid_t pid, int status);
/* Kills those that have been stopped for long: what they hold, nobody else would ever get. */
void generation_kill_stopped(struct generation *generation);

/* Frees the row of a dead worker and logs how it died, from waitpid()'s status; false when it is not of this
 * generation. */
bool generation_reap(struct generation *generation, pid_t pid, int status, bool *abnormal) MUST_CHECK;

/* Who is told to leave counts as leaving, whatever it says itself. */
struct pool_counts generation_count(const struct generation *generation);

#endif
