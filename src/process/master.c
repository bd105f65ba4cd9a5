/* The master starts workers, keeps as many as are needed and reaps them. It serves no requests itself.
 *
 * The states follow each other in this order, except that SERVING follows RELOADING again:
 *
 *     SERVING       the newest generation serves
 *     RELOADING     a new generation is starting, also when the service starts. The older generation serves
 *                   until the new one has an idle worker and is then told to finish. If the new generation
 *                   fails to start, the older generation stays.
 *     FINISHING     after SIGTERM or SIGINT: the socket is closed, workers finish their requests and exit
 *     TERMINATING   after SIGQUIT or the end of stop_timeout: workers end their requests with an error;
 *                   workers that are left after two seconds are killed
 *
 * One loop waits for signals (with a signalfd, because handlers would cause races), for a wake from a worker
 * and for the tick of each second. After each event it runs the same steps in the same order, so that a
 * missed event is handled after a second at most. */
#include "process/master.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "config/settings.h"
#include "config/settings_reload.h"
#include "process/daemon.h"
#include "process/generation.h"
#include "process/janitor.h"
#include "process/listener.h"
#include "process/pool.h"
#include "process/scoreboard.h"

#define SECOND_US INT64_C(1000000)
#define QUIT_TO_KILL_US (2 * SECOND_US)
#define RECOVERY_WAIT_MS 3000
#define NEVER INT64_MAX
#define RUNNING_MAX 3 /* limit on the workers of all generations, as a multiple of max_workers */

enum master_state { SERVING, RELOADING, FINISHING, TERMINATING };

struct master {
    const struct master_start *start;
    struct settings *settings;
    struct identity identity;
    struct pid_file pid_file;
    struct listener listener;
    int signals, wake; /* signalfd and eventfd, non-blocking */
    enum master_state state;
    struct generation *newest; /* first of a list; the older ones have been told to exit */
    struct pool_history history;
    struct pool_throttle throttle;
    struct janitor janitor;
    int64_t tick_us, escalation_us; /* when the next tick and the next step of ending are due */
};

static bool is_daemon(const struct master *master)
{
    return master->start->descriptor < 0;
}

/* ---- the pool ---- */

/* 0: the settings say how many workers there may be. */
static size_t fixed_workers(const struct master *master)
{
    return is_daemon(master) ? 0 : master->start->fixed_workers;
}

static size_t max_workers(const struct master *master)
{
    return pool_max_workers(master->settings, fixed_workers(master));
}

static void note_death(struct master *master)
{
    if (pool_note_death(&master->throttle, clock_monotonic_us()))
        log_error("workers keep dying: the next one starts in %d ms",
                  (int)(pool_fork_delay(&master->throttle, clock_monotonic_us()) / 1000));
}

static struct child_setup child_setup_of(const struct master *master)
{
    return (struct child_setup){
        .settings = master->settings,
        .identity = &master->identity,
        .listener = master->listener.descriptor,
        .master_only = {master->signals, master->pid_file.descriptor},
        .run_worker = master->start->hooks.run_worker,
    };
}

static void fork_workers(struct master *master, size_t count)
{
    struct failure why;
    const struct child_setup setup = child_setup_of(master);
    for (; count > 0; count--)
        if (!generation_fork(master->newest, &setup, &why)) {
            log_error("cannot start a worker: %s", why.message);
            note_death(master);
            return;
        }
}

/* Wakes are allowed before the workers are counted, so that a worker that needs help after the count wakes
 * the master. */
static void adjust_pool(struct master *master, bool tick)
{
    if (master->state >= FINISHING)
        return;
    struct scoreboard *board = master->newest->board;
    scoreboard_suppress_wakes(board, false);
    scoreboard_acknowledge_wake(board);
    bool delayed = pool_fork_delay(&master->throttle, clock_monotonic_us()) > 0;
    struct pool_counts counts = generation_count(master->newest);
    struct pool_limits limits = pool_find_limits(master->settings, fixed_workers(master),
                                                 generations_alive(master->newest->older), counts.leaving);
    struct pool_plan plan = pool_decide(limits, counts, tick, &master->history);
    scoreboard_suppress_wakes(board, plan.suppress_wakes || delayed);
    if (!delayed)
        fork_workers(master, plan.fork);
    generation_retire(master->newest, plan.retire);
    if (plan.log_full)
        log_warning("all %zu workers are busy: requests wait; pool.max_workers may be too low",
                    limits.max_workers);
    if (plan.log_relief)
        log_info("workers are free again");
}

static void start_janitor(struct master *master)
{
    const struct child_setup setup = child_setup_of(master);
    if (master->start->hooks.recover)
        janitor_start(&master->janitor, &setup, master->start->hooks.recover);
    else
        master->janitor.wanted = false;
}

/* The processes of a service that was killed may have left open requests, which count against the limits of
 * their clients. So these are recovered before the first worker starts. If that takes long, because Redis is
 * silent or the usage log is huge, the service starts meanwhile. */
static void recover_first(struct master *master)
{
    struct pollfd events = {.fd = master->signals, .events = POLLIN};
    master->janitor.wanted = true;
    start_janitor(master);
    if (master->janitor.pid)
        poll(&events, 1, RECOVERY_WAIT_MS); /* it is reaped in the loop */
}

/* ---- children that stop and exit ---- */

static void note_stopped(struct master *master, pid_t pid, int status)
{
    if (WIFSTOPPED(status))
        janitor_note_stopped(&master->janitor, pid);
    for (struct generation *each = master->newest; each; each = each->older)
        generation_note_stopped(each, pid, status);
}

static void reap_children(struct master *master)
{
    pid_t pid;
    int status;
    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0) {
        bool abnormal = false;
        if (WIFSTOPPED(status) || WIFCONTINUED(status)) {
            note_stopped(master, pid, status);
            continue;
        }
        if (janitor_reap(&master->janitor, pid))
            continue;
        for (struct generation *each = master->newest; each; each = each->older)
            if (generation_reap(each, pid, status, &abnormal))
                break;
        if (abnormal && master->state < FINISHING)
            note_death(master);
        master->janitor.wanted = master->janitor.wanted || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
    }
    generations_remove_empty(&master->newest->older);
}

/* ---- generations ---- */

/* The new generation begins with as many workers as the last one has, up to max_spare. */
static bool begin_generation(struct master *master, struct failure *why)
{
    struct generation *last = master->newest, *fresh = NULL;
    struct pool_limits limits = pool_find_limits(master->settings, fixed_workers(master),
                                                 last ? generations_alive(last) : 0, 0);
    struct scoreboard_setup setup = {
        .slots = pool_slots(master->settings, fixed_workers(master)),
        .max_workers = max_workers(master),
        .concurrency = limits.concurrency,
        .min_spare = is_daemon(master) ? limits.min_spare : 0,
        .generation = last ? last->number + 1 : 1,
        .wake = master->wake,
    };
    if (master->start->hooks.before_fork)
        master->start->hooks.before_fork(master->settings);
    if (!generation_create(&setup, &fresh, why))
        return false;
    if (last)
        scoreboard_suppress_wakes(last->board, true);
    fresh->older = last;
    master->newest = fresh;
    master->history = (struct pool_history){0};
    master->throttle = (struct pool_throttle){0};
    master->state = RELOADING;
    fork_workers(master, pool_first_workers(limits, last ? last->alive : 0));
    return true;
}

/* The new generation takes over once none of its workers is starting, or at the next tick if at least one of
 * them is ready. */
static void finish_reload(struct master *master, bool tick)
{
    if (master->state != RELOADING)
        return;
    struct pool_counts counts = generation_count(master->newest);
    if (counts.idle + counts.busy == 0 || (counts.starting && !tick))
        return;
    generations_signal(master->newest->older, SIGTERM);
    master->state = SERVING;
    log_info("generation %u serves on %s", master->newest->number, master->listener.name);
    daemon_notify("READY=1");
}

/* ---- reload ---- */

/* Reads the settings again. If they cannot be used, logs the mistakes and returns false; the old settings
 * stay in effect. */
static bool reload_settings(struct master *master)
{
    static char prefix[] = "reload: ";
    struct settings *fresh = settings_load(master->start->source, config_error_log, prefix);
    if (!fresh) {
        log_error("reload: refused; the old settings stay in force");
        return false;
    }
    settings_keep_until_restart(fresh, master->settings);
    settings_free(master->settings);
    master->settings = fresh;
    return true;
}

static void open_log(const struct master *master)
{
    const struct settings *settings = master->settings;
    if (is_daemon(master))
        daemon_create_paths(settings, &master->identity);
    if (!log_open(settings->error_path, (enum log_level)settings->log_level))
        log_warning("cannot open the log %s: %s", settings->error_path, strerror(errno));
}

/* True if a reload is allowed. Streams may outlive many reloads, so the number of workers that finish them is
 * limited. */
static bool may_reload(const struct master *master)
{
    size_t alive = generations_alive(master->newest);
    if (alive < RUNNING_MAX * max_workers(master))
        return true;
    log_error("reload: refused; %zu workers of earlier generations still run", alive);
    return false;
}

static void reload(struct master *master)
{
    if (master->state >= FINISHING)
        return;
    char state[64];
    struct failure why;
    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_monotonic_us());
    daemon_notify(state);
    if (may_reload(master) && reload_settings(master)) {
        open_log(master);
        if (!begin_generation(master, &why))
            log_error("reload: %s", why.message);
    }
    if (master->state != RELOADING)
        daemon_notify("READY=1");
}

/* The master creates the new files first, because workers may lack the permission. */
static void reopen_logs(struct master *master)
{
    if (is_daemon(master))
        daemon_create_paths(master->settings, &master->identity);
    log_reopen();
    generations_signal(master->newest, SIGUSR1);
}

/* ---- the end ---- */

/* Closes the socket before the workers finish. New connections are refused, so that clients can use another
 * host instead of waiting in a queue that no worker reads. */
static void stop_listening(struct master *master)
{
    daemon_notify("STOPPING=1");
    listener_close(&master->listener);
}

static void finish(struct master *master)
{
    if (master->state >= FINISHING)
        return;
    stop_listening(master);
    master->state = FINISHING;
    master->escalation_us = clock_monotonic_us() + master->settings->stop_timeout_ms * 1000;
    log_info("stopping: %zu workers finish their requests", generations_alive(master->newest));
    generations_signal(master->newest, SIGTERM);
}

static void terminate(struct master *master)
{
    if (master->state >= TERMINATING)
        return;
    if (master->state < FINISHING)
        stop_listening(master);
    master->state = TERMINATING;
    master->escalation_us = clock_monotonic_us() + QUIT_TO_KILL_US;
    log_info("stopping at once: %zu workers end their requests", generations_alive(master->newest));
    generations_signal(master->newest, SIGQUIT);
}

static void escalate(struct master *master)
{
    if (clock_monotonic_us() < master->escalation_us)
        return;
    if (master->state == FINISHING) {
        terminate(master);
        return;
    }
    master->escalation_us = NEVER;
    log_warning("killing %zu workers that do not exit", generations_alive(master->newest));
    generations_signal(master->newest, SIGKILL);
}

/* ---- the loop ---- */

static void handle_signals(struct master *master)
{
    struct signalfd_siginfo info;
    while (read(master->signals, &info, sizeof info) == (ssize_t)sizeof info)
        switch (info.ssi_signo) {
        case SIGTERM:
        case SIGINT:
            finish(master);
            break;
        case SIGQUIT:
            terminate(master);
            break;
        case SIGHUP:
            reload(master);
            break;
        case SIGUSR1:
            reopen_logs(master);
            break;
        default: /* SIGCHLD: reap_children() follows in any case */
            break;
        }
}

static void wait_for_event(const struct master *master)
{
    struct pollfd events[] = {{.fd = master->signals, .events = POLLIN},
                              {.fd = master->wake, .events = POLLIN}};
    int64_t now = clock_monotonic_us(), until = master->tick_us;
    int64_t delay = pool_fork_delay(&master->throttle, now);
    if (delay && now + delay < until)
        until = now + delay;
    if (master->escalation_us < until)
        until = master->escalation_us;
    poll(events, 2, until > now ? (int)((until - now + 999) / 1000) : 0);
    uint64_t wakes;
    if (read(master->wake, &wakes, sizeof wakes) < 0)
        return; /* EAGAIN: no worker has written */
}

static bool tick_is_due(struct master *master)
{
    int64_t now = clock_monotonic_us();
    if (now < master->tick_us)
        return false;
    master->tick_us = now + SECOND_US;
    for (struct generation *each = master->newest; each; each = each->older) {
        generation_signal_again(each);
        generation_kill_stopped(each);
        generation_kill_stuck(each);
    }
    return true;
}

static void loop(struct master *master)
{
    while (master->state < FINISHING || generations_alive(master->newest) ||
           !janitor_is_idle(&master->janitor)) {
        wait_for_event(master);
        handle_signals(master);
        reap_children(master);
        start_janitor(master);
        bool tick = tick_is_due(master);
        escalate(master);
        finish_reload(master, tick);
        adjust_pool(master, tick);
    }
}

/* ---- start and end ---- */

/* Sets SIGCHLD to its default, because the kernel would reap our children unseen if the signal was inherited
 * as ignored. */
static bool open_events(struct master *master, struct failure *why)
{
    sigset_t handled;
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&handled);
    const int signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGCHLD};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&handled, signals[i]);
    sigprocmask(SIG_SETMASK, &handled, NULL);
    master->signals = signalfd(-1, &handled, SFD_NONBLOCK | SFD_CLOEXEC);
    master->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (master->signals < 0 || master->wake < 0)
        return fail(why, FAILURE_SETTING, "no descriptors for signals: %s", strerror(errno));
    return true;
}

static bool begin_first_generation(struct master *master, struct failure *why)
{
    recover_first(master);
    return begin_generation(master, why);
}

static bool master_init(struct master *master, struct failure *why)
{
    if (!is_daemon(master))
        return listener_adopt(master->start->descriptor, &master->listener, why) &&
               open_events(master, why) && begin_first_generation(master, why);
    daemon_prepare();
    if (!daemon_find_identity(master->settings, &master->identity, why))
        return false;
    daemon_create_paths(master->settings, &master->identity);
    if (!daemon_create_pid_file(master->settings->pid_file, &master->pid_file, why) ||
        !listener_open(master->settings, &master->listener, why) || !open_events(master, why))
        return false;
    open_log(master); /* last, so that earlier errors appear on the terminal */
    return begin_first_generation(master, why);
}

static void master_shutdown(struct master *master)
{
    generations_remove_empty(&master->newest);
    listener_close(&master->listener);
    daemon_remove_pid_file(&master->pid_file);
    settings_free(master->settings);
    close(master->signals);
    close(master->wake);
}

int master_run(struct master_start *start)
{
    struct failure why;
    struct master master = {
        .start = start,
        .settings = start->settings,
        .pid_file = {.descriptor = -1},
        .listener = {.descriptor = -1},
        .signals = -1,
        .wake = -1,
        .tick_us = clock_monotonic_us() + SECOND_US,
        .escalation_us = NEVER,
    };
    bool started = master_init(&master, &why);
    if (started)
        loop(&master);
    else
        log_error("cannot start: %s", why.message);
    master_shutdown(&master);
    if (started)
        log_info("stopped");
    return started ? EXIT_SUCCESS : EXIT_FAILURE;
}
