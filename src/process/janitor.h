/* Tidies up behind workers that died: a child of the master for a moment, one at a time. */
#ifndef CLERK_H
#define CLERK_H

#include <stdbool.h>
#include <sys/types.h>

struct birth;
struct settings;

struct clerk {
    pid_t pid; /* 0: none is at work */
    bool wanted;
};

/* Starts one if somebody has died since the last, and that one is back. */
void clerk_send(struct clerk *clerk, const struct birth *birth,
                void (*tidy)(const struct settings *settings));

/* A child is gone: was it the clerk? */
bool clerk_was(struct clerk *clerk, pid_t pid);

/* A child was stopped: if it is the clerk, it is killed, and another is sent once it is gone. */
void clerk_note_stop(struct clerk *clerk, pid_t pid);

/* Is there nothing left to do for one? */
bool clerk_rests(const struct clerk *clerk);

#endif
