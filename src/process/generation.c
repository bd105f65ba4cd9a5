/* The workers that were started with the same settings: born, told, counted and buried together.
 *
 * The scoreboard says what a worker says of itself; who is alive and who was told to leave, the master notes
 * in `members`, which no worker can write. A worker told to leave may take one more request, if its signal
 * comes just as it accepts; it serves it and leaves then. */
#include "process/generation.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "base/memory.h"
#include "process/daemon.h"
#include "process/scoreboard.h"

#define STOPPED_MAX_US INT64_C(5000000)

struct member {
    pid_t pid;          /* 0: nobody in this row */
    int told;           /* the signal that should end it; 0: none yet */
    int64_t stopped_us; /* since when it is stopped; 0: it runs */
};

/* In pages of their own: each worker would otherwise keep those that the master writes to at the next fork.
 */
static struct member *create_members(size_t limit)
{
    void *pages = mmap(NULL, limit * sizeof(struct member), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

static void destroy_members(struct generation *generation)
{
    munmap(generation->members, generation->limit * sizeof(struct member));
}

bool generation_create(unsigned number, size_t limit, size_t min_spare, int wake,
                       struct generation **generation, struct failure *why)
{
    struct scoreboard *board;
    struct member *members = create_members(limit);
    if (!members)
        return fail(why, FAILURE_SETTING, "no memory for %zu workers: %s", limit, strerror(errno));
    if (!scoreboard_create(limit, min_spare, number, wake, &board, why)) {
        munmap(members, limit * sizeof *members);
        return false;
    }
    *generation = memory_alloc(1, sizeof **generation);
    **generation = (struct generation){
        .number = number,
        .limit = limit,
        .board = board,
        .members = members,
    };
    memory_settle(); /* before its first fork: what reading the settings left behind would cost each worker
                        pages */
    return true;
}

void generation_destroy(struct generation *generation)
{
    scoreboard_destroy(generation->board);
    destroy_members(generation);
    free(generation);
}

/* The signals of the terminal and of the master's own business are not the worker's; those that the master
 * sends it wait until it hears them. */
static void set_signals(void)
{
    sigset_t waiting;
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a fault, not the end */
    sigemptyset(&waiting);
    sigaddset(&waiting, SIGTERM);
    sigaddset(&waiting, SIGQUIT);
    sigaddset(&waiting, SIGUSR1);
    sigprocmask(SIG_SETMASK, &waiting, NULL);
}

/* A worker never outlives its master: the kernel sends it SIGTERM when that dies. A change of user cancels
 * the request (prctl(2)), so it comes after; and a master that died before it is seen by the change of
 * parent. */
static bool follow(pid_t master)
{
    return prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) == 0 && getppid() == master;
}

bool generation_become_child(const struct child_setup *birth)
{
    struct failure why;
    set_signals();
    for (size_t i = 0; i < sizeof birth->masters_only / sizeof *birth->masters_only; i++)
        if (birth->masters_only[i] >= 0)
            close(birth->masters_only[i]);
    if (daemon_drop_privileges(birth->identity, &why))
        return true;
    log_error("a worker cannot start: %s", why.message);
    return false;
}

/* Ends here: nothing may return into the master's frames. */
static _Noreturn void live(const struct child_setup *birth, struct scoreboard *board, size_t row,
                           pid_t master)
{
    if (!generation_become_child(birth))
        _exit(EXIT_FAILURE);
    if (follow(master))
        birth->work(birth->settings, birth->listener, board, row);
    _exit(EXIT_SUCCESS);
}

bool generation_fork(struct generation *generation, const struct child_setup *birth, struct failure *why)
{
    size_t row = 0;
    while (row < generation->limit && generation->members[row].pid)
        row++;
    if (row == generation->limit)
        return fail(why, FAILURE_SETTING, "all %zu rows are taken", row);
    scoreboard_assign(generation->board, row);
    pid_t master = getpid(), pid = fork();
    if (pid == 0) {
        destroy_members(generation);
        live(birth, generation->board, row, master);
    }
    if (pid < 0) {
        scoreboard_release(generation->board, row);
        return fail(why, FAILURE_SETTING, "cannot fork: %s", strerror(errno));
    }
    generation->members[row] = (struct member){.pid = pid};
    generation->alive++;
    return true;
}

static void tell(struct member *member, int signal)
{
    if (signal != SIGUSR1)
        member->told = signal;
    kill(member->pid, signal);
}

void generation_signal(struct generation *generation, int signal)
{
    for (size_t row = 0; row < generation->limit; row++)
        if (generation->members[row].pid)
            tell(&generation->members[row], signal);
}

void generation_retire(struct generation *generation, size_t count)
{
    for (size_t row = generation->limit; row-- > 0 && count > 0;) {
        struct member *member = &generation->members[row];
        if (member->pid && !member->told && scoreboard_read(generation->board, row).state == WORKER_IDLE) {
            tell(member, SIGTERM);
            count--;
        }
    }
}

void generation_signal_again(struct generation *generation)
{
    for (size_t row = 0; row < generation->limit; row++) {
        const struct member *member = &generation->members[row];
        if (member->told && scoreboard_read(generation->board, row).state != WORKER_BUSY)
            kill(member->pid, member->told);
    }
}

void generation_note_stopped(struct generation *generation, pid_t pid, int status)
{
    for (size_t row = 0; row < generation->limit; row++)
        if (generation->members[row].pid == pid)
            generation->members[row].stopped_us = WIFSTOPPED(status) ? clock_monotonic_us() : 0;
}

/* It may be stopped within the ledger's lock, which all others wait for; and its client waits in any case. */
void generation_kill_stopped(struct generation *generation)
{
    int64_t latest_us = clock_monotonic_us() - STOPPED_MAX_US;
    for (size_t row = 0; row < generation->limit; row++) {
        struct member *member = &generation->members[row];
        if (!member->pid || !member->stopped_us || member->stopped_us > latest_us)
            continue;
        log_warning("worker %d of generation %u has been stopped for %d s: it is killed", (int)member->pid,
                    generation->number, (int)(STOPPED_MAX_US / 1000000));
        kill(member->pid, SIGKILL);
        member->stopped_us = 0; /* once is enough */
    }
}

/* Whoever leaves unasked without having served anybody would only leave again. */
static bool is_abnormal(const struct member *member, const struct scoreboard_slot *row, int status)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status) != 0 || (!member->told && row->served == 0);
    return WTERMSIG(status) != member->told;
}

static void log_death(const struct generation *generation, const struct member *member,
                      const struct scoreboard_slot *row, int status)
{
    char how[64];
    if (WIFSIGNALED(status))
        snprintf(how, sizeof how, "was ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(how, sizeof how, "left with status %d", WEXITSTATUS(status));
    bool at_work = row->state == WORKER_BUSY || row->state == WORKER_LAST;
    const char *where = at_work ? ", in the middle of one" : "";
    void (*say)(const char *, ...) = is_abnormal(member, row, status) ? log_warning : log_debug;
    say("worker %d of generation %u %s after %llu requests%s", (int)member->pid, generation->number, how,
        (unsigned long long)row->served, where);
}

bool generation_reap(struct generation *generation, pid_t pid, int status, bool *abnormal)
{
    for (size_t row = 0; row < generation->limit; row++) {
        struct member *member = &generation->members[row];
        if (member->pid != pid)
            continue;
        struct scoreboard_slot last = scoreboard_read(generation->board, row);
        *abnormal = is_abnormal(member, &last, status);
        log_death(generation, member, &last, status);
        *member = (struct member){0};
        generation->alive--;
        scoreboard_release(generation->board, row);
        return true;
    }
    return false;
}

struct pool_counts generation_count(const struct generation *generation)
{
    struct pool_counts counts = {0};
    for (size_t row = 0; row < generation->limit; row++) {
        const struct member *member = &generation->members[row];
        if (!member->pid)
            continue;
        enum worker_state state = scoreboard_read(generation->board, row).state;
        if (member->told || state == WORKER_LEAVING)
            counts.leaving++;
        else if (state == WORKER_STARTING)
            counts.starting++;
        else if (state == WORKER_IDLE)
            counts.idle++;
        else
            counts.busy++;
    }
    return counts;
}
