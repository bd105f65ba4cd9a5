/* Tidies up behind workers that died: a child of the master for a moment, one at a time. */
#ifndef PENSTOCK_PROCESS_JANITOR_H
#define PENSTOCK_PROCESS_JANITOR_H

#include <stdbool.h>
#include <sys/types.h>

struct child_setup;
struct settings;

struct janitor {
    pid_t pid; /* 0: none is at work */
    bool wanted;
};

/* Starts one if somebody has died since the last, and that one is back. */
void janitor_start(struct janitor *janitor, const struct child_setup *birth,
                   void (*tidy)(const struct settings *settings));

/* A child is gone: was it the clerk? */
bool janitor_reap(struct janitor *janitor, pid_t pid);

/* A child was stopped: if it is the clerk, it is killed, and another is sent once it is gone. */
void janitor_note_stopped(struct janitor *janitor, pid_t pid);

/* Is there nothing left to do for one? */
bool janitor_is_idle(const struct janitor *janitor);

#endif
