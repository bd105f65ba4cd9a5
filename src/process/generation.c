/* The workers that were started with the same settings: forked, signalled, counted and reaped together.
 *
 * Workers report their own state on the scoreboard. The master records in `members`, which no worker can
 * write, which workers are alive and which were told to exit. A worker that is told to exit just as it
 * accepts a connection serves that request before it exits. */
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

#define SECOND_US INT64_C(1000000)
#define STOPPED_MAX_US (5 * SECOND_US)
#define STUCK_TICKS 5                /* of a second each */
#define COMPUTING_US INT64_C(250000) /* a worker whose loop has been kept for so long gets help */

struct member {
    pid_t pid;          /* 0: the slot is free */
    int exit_signal;    /* the signal that told the worker to exit; 0: none yet */
    int64_t stopped_us; /* when the worker was stopped (clock_monotonic_us()); 0: not stopped */
    int64_t busy_since_us;
    unsigned stuck_ticks; /* seconds for which the worker has shown the same `busy_since_us` */
};

/* The members have their own pages, because the master writes to them at each fork. Otherwise every worker
 * would keep a copy of the pages that hold members and other data. */
static struct member *create_members(size_t slots)
{
    void *pages = mmap(NULL, slots * sizeof(struct member), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

static void destroy_members(struct generation *generation)
{
    munmap(generation->members, generation->slots * sizeof(struct member));
}

bool generation_create(const struct scoreboard_setup *setup, struct generation **generation,
                       struct failure *why)
{
    const size_t slots = setup->slots;
    struct scoreboard *board = NULL;
    struct member *members = create_members(slots);
    if (!members)
        return fail(why, FAILURE_SETTING, "no memory for %zu workers: %s", slots, strerror(errno));
    if (!scoreboard_create(setup, &board, why)) {
        munmap(members, slots * sizeof *members);
        return false;
    }
    *generation = memory_alloc(1, sizeof **generation);
    **generation = (struct generation){
        .number = setup->generation,
        .concurrency = setup->concurrency,
        .slots = slots,
        .board = board,
        .members = members,
    };
    memory_settle(); /* fills the gaps that reading the settings left, so that workers share pages */
    return true;
}

void generation_destroy(struct generation *generation)
{
    scoreboard_destroy(generation->board);
    destroy_members(generation);
    free(generation);
}

/* ---- forking ---- */

/* Ignores signals from the terminal and signals for the master. Blocks the signals that the master sends
 * until the worker has opened a signalfd. */
static void set_signals(void)
{
    sigset_t blocked;
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a write beyond RLIMIT_FSIZE fails and does not kill the worker */
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGQUIT);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
}

/* The kernel sends a worker SIGTERM when its master dies. A change of user cancels that (prctl(2)), so the
 * signal is requested after the change. Returns false if the master has already died. */
static bool exit_with_master(pid_t master)
{
    return prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) == 0 && getppid() == master;
}

bool generation_become_child(const struct child_setup *setup)
{
    struct failure why;
    set_signals();
    for (size_t i = 0; i < sizeof setup->master_only / sizeof *setup->master_only; i++)
        if (setup->master_only[i] >= 0)
            close(setup->master_only[i]);
    if (daemon_drop_privileges(setup->identity, &why))
        return true;
    log_error("a worker cannot start: %s", why.message);
    return false;
}

/* Never returns, because the caller's stack frames belong to the master. */
static _Noreturn void run_child(const struct child_setup *setup, struct scoreboard *board, size_t slot,
                                pid_t master)
{
    if (!generation_become_child(setup))
        _exit(EXIT_FAILURE);
    if (exit_with_master(master))
        setup->run_worker(setup->settings, setup->listener, board, slot);
    _exit(EXIT_SUCCESS);
}

bool generation_fork(struct generation *generation, const struct child_setup *setup, struct failure *why)
{
    size_t slot = 0;
    while (slot < generation->slots && generation->members[slot].pid)
        slot++;
    if (slot == generation->slots)
        return fail(why, FAILURE_SETTING, "all %zu slots are taken", slot);
    scoreboard_assign(generation->board, slot);
    pid_t master = getpid(), pid = fork();
    if (pid == 0) {
        destroy_members(generation);
        run_child(setup, generation->board, slot, master);
    }
    if (pid < 0) {
        scoreboard_release(generation->board, slot);
        return fail(why, FAILURE_SETTING, "cannot fork: %s", strerror(errno));
    }
    generation->members[slot] = (struct member){.pid = pid};
    generation->alive++;
    return true;
}

/* ---- signals ---- */

static void signal_member(struct member *member, int signal)
{
    if (signal != SIGUSR1)
        member->exit_signal = signal;
    kill(member->pid, signal);
}

void generation_signal(struct generation *generation, int signal)
{
    for (size_t slot = 0; slot < generation->slots; slot++)
        if (generation->members[slot].pid)
            signal_member(&generation->members[slot], signal);
}

void generation_retire(struct generation *generation, size_t count)
{
    for (size_t slot = generation->slots; slot-- > 0 && count > 0;) {
        struct member *member = &generation->members[slot];
        struct scoreboard_slot read = scoreboard_read(generation->board, slot);
        if (member->pid && !member->exit_signal && read.state == WORKER_IDLE && !read.running) {
            signal_member(member, SIGTERM);
            count--;
        }
    }
}

void generation_signal_again(struct generation *generation)
{
    for (size_t slot = 0; slot < generation->slots; slot++) {
        const struct member *member = &generation->members[slot];
        if (member->exit_signal && scoreboard_read(generation->board, slot).state != WORKER_BUSY)
            kill(member->pid, member->exit_signal);
    }
}

void generation_note_stopped(struct generation *generation, pid_t pid, int status)
{
    for (size_t slot = 0; slot < generation->slots; slot++)
        if (generation->members[slot].pid == pid)
            generation->members[slot].stopped_us = WIFSTOPPED(status) ? clock_monotonic_us() : 0;
}

void generation_kill_stopped(struct generation *generation)
{
    int64_t limit_us = clock_monotonic_us() - STOPPED_MAX_US;
    for (size_t slot = 0; slot < generation->slots; slot++) {
        struct member *member = &generation->members[slot];
        if (!member->pid || !member->stopped_us || member->stopped_us > limit_us)
            continue;
        log_warning("worker %d of generation %u has been stopped for %d s: killing it", (int)member->pid,
                    generation->number, (int)(STOPPED_MAX_US / SECOND_US));
        kill(member->pid, SIGKILL);
        member->stopped_us = 0; /* so that the next tick does not kill it again */
    }
}

static bool has_stopped_member(const struct generation *generation)
{
    for (size_t slot = 0; slot < generation->slots; slot++)
        if (generation->members[slot].stopped_us)
            return true;
    return false;
}

/* A worker that waits for events has no time of its own. */
static void note_progress(struct member *member, const struct scoreboard_slot *read)
{
    bool is_same = read->busy_since_us && read->busy_since_us == member->busy_since_us;
    member->stuck_ticks = is_same ? member->stuck_ticks + 1 : 0;
    member->busy_since_us = read->busy_since_us;
}

/* The ticks are counted, and not the time of the worker, because the master may have been stopped too.
 * Workers may wait for a lock that a stopped worker holds. */
void generation_kill_stuck(struct generation *generation)
{
    if (generation->concurrency < 2)
        return;
    bool may_wait = has_stopped_member(generation);
    for (size_t slot = 0; slot < generation->slots; slot++) {
        struct member *member = &generation->members[slot];
        struct scoreboard_slot read = scoreboard_read(generation->board, slot);
        if (!member->pid || may_wait || read.state == WORKER_STARTING) {
            member->stuck_ticks = 0;
            continue;
        }
        note_progress(member, &read);
        if (member->stuck_ticks < STUCK_TICKS)
            continue;
        log_warning("worker %d of generation %u has been stuck for %d s, with %u requests: killing it",
                    (int)member->pid, generation->number, STUCK_TICKS, read.running);
        kill(member->pid, SIGKILL);
        member->stuck_ticks = 0;
    }
}

/* ---- deaths ---- */

/* A worker that exits on its own before it has served a request is abnormal: its replacement would probably
 * do the same. */
static bool is_abnormal(const struct member *member, const struct scoreboard_slot *last, int status)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status) != 0 || (!member->exit_signal && last->served == 0);
    return WTERMSIG(status) != member->exit_signal;
}

static void log_death(const struct generation *generation, const struct member *member,
                      const struct scoreboard_slot *last, int status)
{
    char how[64];
    if (WIFSIGNALED(status))
        snprintf(how, sizeof how, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(how, sizeof how, "exited with status %d", WEXITSTATUS(status));
    char meanwhile[48] = "";
    if (last->running > 1)
        snprintf(meanwhile, sizeof meanwhile, ", while serving %u requests", last->running);
    else if (last->running)
        snprintf(meanwhile, sizeof meanwhile, ", while serving another");
    void (*report)(const char *, ...) = is_abnormal(member, last, status) ? log_warning : log_debug;
    report("worker %d of generation %u %s after %llu requests%s", (int)member->pid, generation->number, how,
           (unsigned long long)last->served, meanwhile);
}

bool generation_reap(struct generation *generation, pid_t pid, int status, bool *abnormal)
{
    for (size_t slot = 0; slot < generation->slots; slot++) {
        struct member *member = &generation->members[slot];
        if (member->pid != pid)
            continue;
        struct scoreboard_slot last = scoreboard_read(generation->board, slot);
        *abnormal = is_abnormal(member, &last, status);
        log_death(generation, member, &last, status);
        *member = (struct member){0};
        generation->alive--;
        scoreboard_release(generation->board, slot);
        return true;
    }
    return false;
}

/* True if something has kept the worker's loop for a while. */
static bool computes(const struct generation *generation, const struct scoreboard_slot *read)
{
    return generation->concurrency > 1 && read->busy_since_us &&
           clock_monotonic_us() - read->busy_since_us > COMPUTING_US;
}

static void count_idle(struct pool_counts *counts, const struct scoreboard_slot *read)
{
    counts->idle++;
    counts->empty += !read->running;
    counts->requests += read->running;
}

struct pool_counts generation_count(const struct generation *generation)
{
    struct pool_counts counts = {0};
    for (size_t slot = 0; slot < generation->slots; slot++) {
        const struct member *member = &generation->members[slot];
        if (!member->pid)
            continue;
        struct scoreboard_slot read = scoreboard_read(generation->board, slot);
        if (member->exit_signal || read.state == WORKER_LEAVING)
            counts.leaving++;
        else if (read.state == WORKER_STARTING)
            counts.starting++;
        else if (computes(generation, &read))
            counts.computing++;
        else if (read.state == WORKER_IDLE)
            count_idle(&counts, &read);
        else
            counts.busy++, counts.requests += read.running;
    }
    return counts;
}

/* ---- lists ---- */

size_t generations_alive(const struct generation *newest)
{
    size_t alive = 0;
    for (; newest; newest = newest->older)
        alive += newest->alive;
    return alive;
}

void generations_signal(struct generation *newest, int signal)
{
    for (; newest; newest = newest->older)
        generation_signal(newest, signal);
}

void generations_remove_empty(struct generation **newest)
{
    while (*newest) {
        struct generation *generation = *newest;
        if (generation->alive) {
            newest = &generation->older;
            continue;
        }
        *newest = generation->older;
        generation_destroy(generation);
    }
}
