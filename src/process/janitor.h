/* The janitor: a short-lived child of the master that recovers the requests of dead workers. Only one runs at
 * a time. */
#ifndef PENSTOCK_PROCESS_JANITOR_H
#define PENSTOCK_PROCESS_JANITOR_H

#include <stdbool.h>
#include <sys/types.h>

struct child_setup;
struct settings;

struct janitor {
    pid_t pid;   /* 0: no janitor runs */
    bool wanted; /* a worker has died since the last janitor started */
};

/* Starts a janitor if one is wanted and none runs. */
void janitor_start(struct janitor *janitor, const struct child_setup *setup,
                   void (*recover)(const struct settings *settings));

/* True if `pid`, a child that has exited, was the janitor. */
bool janitor_reap(struct janitor *janitor, pid_t pid);

/* Kills the janitor if `pid`, a child that was stopped (SIGSTOP), is the janitor. The next janitor takes
 * over. */
void janitor_note_stopped(struct janitor *janitor, pid_t pid);

/* True if no janitor runs and none is wanted. */
bool janitor_is_idle(const struct janitor *janitor);

#endif
