/* The master: starts workers, keeps as many as are needed, reaps them, and serves no request itself. */
#ifndef PENSTOCK_PROCESS_MASTER_H
#define PENSTOCK_PROCESS_MASTER_H

#include <stddef.h>
#include <sys/types.h>

struct scoreboard;
struct settings;
struct settings_source;

struct master_hooks {
    /* In the master, before the first worker with these settings is forked: all workers share what is read
     * here. May be NULL. */
    void (*before_fork)(const struct settings *settings);
    /* The life of a worker, in a new process with its privileges dropped. When it returns, the process exits
     * with status 0. SIGTERM, SIGQUIT and SIGUSR1 are blocked, so that none is lost before the worker has
     * opened a signalfd; SIGINT, SIGHUP and SIGPIPE are ignored. If the master has bound `listener` itself,
     * accept() fails with EINVAL once the service ends: the worker must return then. */
    void (*run_worker)(const struct settings *settings, int listener, struct scoreboard *board, size_t slot);
    /* In a child of the master with a worker's privileges, soon after workers have died: recovers the
     * requests that they left. May be NULL. */
    void (*recover)(const struct settings *settings);
};

struct master_start {
    struct settings *settings;            /* taken over; freed with settings_free() */
    const struct settings_source *source; /* to read them again on SIGHUP */
    struct master_hooks hooks;
    int descriptor;       /* -1: `penstock serve`. Else a listening socket to serve with ... */
    size_t fixed_workers; /* ... exactly that many workers, no pid file and no change of user */
};

/* Runs until a signal ends it; returns the exit status of the process. Opens the error log of the settings
 * for `serve` only. SIGTERM, SIGINT: finish running requests, for up to stop_timeout; SIGQUIT: end them at
 * once; SIGHUP: read the settings again and start a new generation; SIGUSR1: reopen the logs. */
int master_run(struct master_start *start);

#endif
