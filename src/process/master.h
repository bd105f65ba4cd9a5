/* The master: starts workers, keeps as many as are needed, buries them, and answers nobody itself. */
#ifndef PENSTOCK_PROCESS_MASTER_H
#define PENSTOCK_PROCESS_MASTER_H

#include <stddef.h>
#include <sys/types.h>

struct scoreboard;
struct settings;
struct settings_source;

struct master_hooks {
    /* The worker's life, in a fresh process with its privileges dropped; when it returns, the process exits
     * with status 0. Called with SIGTERM, SIGQUIT and SIGUSR1 blocked, so that none is lost before somebody
     * hears them. SIGINT, SIGHUP and SIGPIPE are ignored. accept() on `listener`, where it is ours, fails
     * with EINVAL once the service ends: then leave. */
    void (*work)(const struct settings *settings, int listener, struct scoreboard *board, size_t row);
    /* In the master, before the first worker with these settings: what is read now, all of them share; may be
     * NULL. */
    void (*prepare)(const struct settings *settings);
    /* In a child of the master with a worker's privileges, soon after one or several workers have died:
     * finishes what they left undone. May be NULL. */
    void (*tidy)(const struct settings *settings);
};

struct master_start {
    struct settings *settings;            /* the master's from now on: settings_free() */
    const struct settings_source *source; /* to read them again on SIGHUP */
    struct master_hooks hooks;
    int descriptor;       /* -1: `penstock serve`. Else a listening socket to serve with ... */
    size_t fixed_workers; /* ... exactly that many workers, no pid file and no change of user */
};

/* Runs until told to end; returns the exit status of the process. Opens the log of the settings for `serve`
 * only. SIGTERM, SIGINT: finish what runs, up to stop_timeout; SIGQUIT: end at once; SIGHUP: a new generation
 * on the settings read again; SIGUSR1: reopen logs. */
int master_run(struct master_start *start);

#endif
