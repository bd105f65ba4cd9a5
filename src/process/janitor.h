/* The janitor: a short-lived child of the master that recovers what dead workers have left, one at a time. */
#ifndef PENSTOCK_PROCESS_JANITOR_H
#define PENSTOCK_PROCESS_JANITOR_H

#include <stdbool.h>
#include <sys/types.h>

struct child_setup;
struct settings;

struct janitor {
    pid_t pid;   /* 0: none runs */
    bool wanted; /* a worker has died since the last one started */
};

/* Starts one if it is wanted and none runs. */
void janitor_start(struct janitor *janitor, const struct child_setup *setup,
                   void (*recover)(const struct settings *settings));

/* A child has exited: was it the janitor? */
bool janitor_reap(struct janitor *janitor, pid_t pid);

/* A child was stopped (SIGSTOP): if it is the janitor, it is killed, and the next one takes over. */
void janitor_note_stopped(struct janitor *janitor, pid_t pid);

/* None runs and none is wanted. */
bool janitor_is_idle(const struct janitor *janitor);

#endif
