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

void clerk_send(struct clerk *clerk, const struct birth *birth, void (*tidy)(const struct settings *settings))
{
    if (!clerk->wanted || clerk->pid)
        return;
    clerk->wanted = false;
    pid_t pid = fork();
    if (pid == 0) {
        if (generation_become_child(birth))
            tidy(birth->settings);
        _exit(EXIT_SUCCESS);
    }
    if (pid > 0)
        clerk->pid = pid;
    else
        log_warning("cannot tidy up behind a worker now: %s", strerror(errno));
}

bool clerk_was(struct clerk *clerk, pid_t pid)
{
    if (pid != clerk->pid)
        return false;
    clerk->pid = 0;
    return true;
}

/* It may hold the ledger's lock, for which everybody would wait; nobody waits for the clerk itself. */
void clerk_note_stop(struct clerk *clerk, pid_t pid)
{
    if (pid != clerk->pid)
        return;
    log_warning("process %d, which tidies up, was stopped: it is killed", (int)pid);
    clerk->wanted = true;
    kill(pid, SIGKILL);
}

bool clerk_rests(const struct clerk *clerk)
{
    return !clerk->wanted && !clerk->pid;
}
