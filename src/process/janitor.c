/* The janitor: a short-lived child of the master that recovers the requests of dead workers. Only one runs at
 * a time.
 *
 * The master does not recover requests itself. It must not touch data that a dying worker may have left
 * broken, it does not process requests, and it may run as root, so that workers could not open the files that
 * it creates. */
#include "process/janitor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error_log.h"
#include "process/generation.h"

void janitor_start(struct janitor *janitor, const struct child_setup *setup,
                   void (*recover)(const struct settings *settings))
{
    if (!janitor->wanted || janitor->pid)
        return;
    janitor->wanted = false;
    pid_t pid = fork();
    if (pid == 0) {
        if (generation_become_child(setup))
            recover(setup->settings);
        _exit(EXIT_SUCCESS);
    }
    if (pid > 0)
        janitor->pid = pid;
    else
        log_warning("cannot start the janitor: %s; requests of dead workers are recovered later",
                    strerror(errno));
}

bool janitor_reap(struct janitor *janitor, pid_t pid)
{
    if (pid != janitor->pid)
        return false;
    janitor->pid = 0;
    return true;
}

/* Kills the janitor, because it may hold the ledger's lock, for which all workers wait. The next janitor
 * continues. */
void janitor_note_stopped(struct janitor *janitor, pid_t pid)
{
    if (pid != janitor->pid)
        return;
    log_warning("the janitor, process %d, was stopped: killing it", (int)pid);
    janitor->wanted = true;
    kill(pid, SIGKILL);
}

bool janitor_is_idle(const struct janitor *janitor)
{
    return !janitor->wanted && !janitor->pid;
}
