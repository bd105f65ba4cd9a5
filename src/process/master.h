/* The master starts workers, keeps as many as are needed and reaps them. It serves no requests itself. */
#ifndef PENSTOCK_PROCESS_MASTER_H
#define PENSTOCK_PROCESS_MASTER_H

#include <stddef.h>
#include <sys/types.h>

struct scoreboard;
struct settings;
struct settings_source;

struct master_hooks {
    /* Called in the master before it forks the first worker with these settings, so that all workers share
     * the memory that the hook fills. May be NULL. */
    void (*before_fork)(const struct settings *settings);
    /* Runs a worker, in a new process with dropped privileges. When the hook returns, the process exits with
     * status 0. SIGTERM, SIGQUIT and SIGUSR1 are blocked, so that no signal is lost before the worker has
     * opened a signalfd; SIGINT, SIGHUP and SIGPIPE are ignored. If the master has bound `listener` itself,
     * accept() fails with EINVAL once the service ends: the worker must return then. */
    void (*run_worker)(const struct settings *settings, int listener, struct scoreboard *board, size_t slot);
    /* Recovers the requests that dead workers left open. Called soon after workers have died, in a child of
     * the master with a worker's privileges. May be NULL. */
    void (*recover)(const struct settings *settings);
};

struct master_start {
    struct settings *settings;            /* taken over; freed with settings_free() */
    const struct settings_source *source; /* read again on SIGHUP */
    struct master_hooks hooks;
    /* A listening socket to serve; the master then neither writes a pid file nor changes its user. -1 for
     * `penstock serve`. */
    int descriptor;
    size_t fixed_workers; /* the number of workers, if a descriptor is set */
};

/* Runs until a signal ends it; returns the exit status of the process. Opens the error log of the settings
 * for `serve` only. SIGTERM and SIGINT let running requests finish, for up to stop_timeout; SIGQUIT ends them
 * at once. SIGHUP reads the settings again and starts a new generation. SIGUSR1 reopens the logs. */
int master_run(struct master_start *start);

#endif
