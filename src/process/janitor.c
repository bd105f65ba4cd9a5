/* Tidies up behind workers that died: a child of the master for a moment, one at a time.
 *
 * The master itself touches nothing that a worker could have left broken, and knows nothing of requests; it
 * is also root where workers are not, and what it made would be out of their reach. */
#include "process/janitor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error_log.h"
#include "process/generation.h"

void janitor_start(struct janitor *janitor, const struct child_setup *birth,
                   void (*tidy)(const struct settings *settings))
{
    if (!janitor->wanted || janitor->pid)
        return;
    janitor->wanted = false;
    pid_t pid = fork();
    if (pid == 0) {
        if (generation_become_child(birth))
            tidy(birth->settings);
        _exit(EXIT_SUCCESS);
    }
    if (pid > 0)
        janitor->pid = pid;
    else
        log_warning("cannot tidy up behind a worker now: %s", strerror(errno));
}

bool janitor_reap(struct janitor *janitor, pid_t pid)
{
    if (pid != janitor->pid)
        return false;
    janitor->pid = 0;
    return true;
}

/* It may hold the ledger's lock, for which everybody would wait; nobody waits for the clerk itself. */
void janitor_note_stopped(struct janitor *janitor, pid_t pid)
{
    if (pid != janitor->pid)
        return;
    log_warning("process %d, which tidies up, was stopped: it is killed", (int)pid);
    janitor->wanted = true;
    kill(pid, SIGKILL);
}

bool janitor_is_idle(const struct janitor *janitor)
{
    return !janitor->wanted && !janitor->pid;
}
