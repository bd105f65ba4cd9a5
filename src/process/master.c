/* The master: starts workers, keeps as many as are needed, buries them, and answers nobody itself.
 *
 * One loop waits for three things: signals (by signalfd, so that no handler races with anything), a worker's
 * wake, and the second's tick. Whatever woke it, it then does the same: bury the dead, move the state on if
 * its time has come, decide about the pool. So no event can be lost for longer than a tick.
 *
 * The state only rises: normal < renewing (a generation is coming up) < finishing < terminating; only
 * renewing falls back to normal, once the new generation serves. During that the old one serves on, and only
 * then is it told to leave; if the new one cannot live, the old one stays. */
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
#include "process/daemon.h"
#include "process/generation.h"
#include "process/janitor.h"
#include "process/listener.h"
#include "process/pool.h"
#include "process/reload.h"
#include "process/scoreboard.h"

#define SECOND_US INT64_C(1000000)
#define LAST_WORDS_US (2 * SECOND_US) /* from SIGQUIT to SIGKILL */
#define NEVER INT64_MAX

struct master {
    const struct master_start *start;
    struct settings *settings;
    struct identity identity;
    struct pid_file pid_file;
    struct listener listener;
    int signals, wake; /* signalfd and eventfd, non-blocking */
    enum { NORMAL, RENEWING, FINISHING, TERMINATING } state;
    struct generation *newest; /* the older ones, on their way out, hang on it */
    struct pool_history history;
    struct pool_throttle throttle;
    struct janitor janitor;
    int64_t tick_us, escalation_us; /* when the next tick is due, and the next step of an ending */
};

static bool is_daemon(const struct master *master)
{
    return master->start->descriptor < 0;
}

/* ---- generations ---- */

static size_t count_alive(const struct generation *generation)
{
    size_t alive = 0;
    for (; generation; generation = generation->older)
        alive += generation->alive;
    return alive;
}

static void tell_all(const struct master *master, int signal)
{
    for (struct generation *each = master->newest; each; each = each->older)
        generation_signal(each, signal);
}

static void remove_empty_generations(struct generation **link)
{
    while (*link) {
        struct generation *each = *link;
        if (each->alive) {
            link = &each->older;
            continue;
        }
        *link = each->older;
        generation_destroy(each);
    }
}

static size_t highest_count(const struct master *master)
{
    return is_daemon(master) ? (size_t)master->settings->max_workers : master->start->fixed_workers;
}

/* Workers of older generations that still finish their streams take up room of the newest, but never all of
 * it: min_spare may come on top, so that a reload under full load serves. */
static struct pool_limits find_limits(const struct master *master)
{
    size_t highest = highest_count(master);
    if (!is_daemon(master))
        return (struct pool_limits){highest, highest, highest};
    size_t older = count_alive(master->newest->older);
    size_t min_spare = min_size((size_t)master->settings->min_spare, highest);
    return (struct pool_limits){
        .min_spare = min_spare,
        .max_spare = max_size((size_t)master->settings->max_spare, min_spare),
        .max_workers = max_size(highest - min_size(older, highest), min_spare),
    };
}

static void note_death(struct master *master)
{
    if (pool_note_death(&master->throttle, clock_monotonic_us()))
        log_error("workers keep dying: the next one starts in %d ms",
                  (int)(pool_fork_delay(&master->throttle, clock_monotonic_us()) / 1000));
}

static struct child_setup birth_of(const struct master *master)
{
    return (struct child_setup){
        .settings = master->settings,
        .identity = &master->identity,
        .listener = master->listener.descriptor,
        .masters_only = {master->signals, master->pid_file.descriptor},
        .work = master->start->hooks.work,
    };
}

static void fork_workers(struct master *master, size_t count)
{
    struct failure why;
    const struct child_setup birth = birth_of(master);
    for (; count > 0; count--)
        if (!generation_fork(master->newest, &birth, &why)) {
            log_error("cannot start a worker: %s", why.message);
            note_death(master);
            return;
        }
}

/* The first workers of a generation: as many as the last one has, within what may be spare. */
static bool begin_generation(struct master *master, struct failure *why)
{
    struct generation *last = master->newest, *fresh;
    struct pool_limits limits;
    unsigned number = last ? last->number + 1 : 1;
    size_t highest = highest_count(master);
    size_t min_spare = is_daemon(master) ? (size_t)master->settings->min_spare : 0;
    if (master->start->hooks.prepare)
        master->start->hooks.prepare(master->settings);
    if (!generation_create(number, highest, min_spare, master->wake, &fresh, why))
        return false;
    if (last)
        scoreboard_suppress_wakes(last->board, true);
    fresh->older = last;
    master->newest = fresh;
    master->history = (struct pool_history){0};
    master->throttle = (struct pool_throttle){0};
    master->state = RENEWING;
    limits = find_limits(master);
    size_t first = max_size(limits.min_spare, last ? min_size(last->alive, limits.max_spare) : 0);
    fork_workers(master, min_size(first, limits.max_workers));
    return true;
}

/* Waits for the last worker that is still starting, but not longer than to the next tick. */
static void finish_renewal(struct master *master, bool tick)
{
    if (master->state != RENEWING)
        return;
    struct pool_counts counts = generation_count(master->newest);
    if (counts.idle + counts.busy == 0 || (counts.starting && !tick))
        return;
    for (struct generation *each = master->newest->older; each; each = each->older)
        generation_signal(each, SIGTERM);
    master->state = NORMAL;
    log_info("generation %u serves on %s", master->newest->number, master->listener.name);
    daemon_notify("READY=1");
}

static void note_stop(struct master *master, pid_t pid, int status)
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
            note_stop(master, pid, status);
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
    remove_empty_generations(&master->newest->older);
}

static void tidy_up(struct master *master)
{
    const struct child_setup birth = birth_of(master);
    if (master->start->hooks.tidy)
        janitor_start(&master->janitor, &birth, master->start->hooks.tidy);
    else
        master->janitor.wanted = false;
}

/* Unmuted before it counts: a worker that is in need after the count must be heard. */
static void adjust_pool(struct master *master, bool tick)
{
    if (master->state >= FINISHING)
        return;
    struct scoreboard *board = master->newest->board;
    scoreboard_suppress_wakes(board, false);
    scoreboard_acknowledge_wake(board);
    bool waiting = pool_fork_delay(&master->throttle, clock_monotonic_us()) > 0;
    struct pool_limits limits = find_limits(master);
    struct pool_plan plan = pool_decide(limits, generation_count(master->newest), tick, &master->history);
    scoreboard_suppress_wakes(board, plan.mute || waiting);
    if (!waiting)
        fork_workers(master, plan.fork);
    generation_retire(master->newest, plan.retire);
    if (plan.log_full)
        log_warning("all %zu workers are busy: requests wait; pool.max_workers may be too low",
                    limits.max_workers);
    if (plan.log_relief)
        log_info("workers are free again");
}

/* ---- reload ---- */

static void open_log(const struct master *master)
{
    const struct settings *settings = master->settings;
    if (is_daemon(master))
        daemon_create_paths(settings, &master->identity);
    if (!log_open(settings->error_path, (enum log_level)settings->log_level))
        log_warning("cannot open the log %s: %s", settings->error_path, strerror(errno));
}

/* Streams may outlive many reloads; their number must have an end. */
static bool has_room(const struct master *master)
{
    size_t alive = count_alive(master->newest);
    if (alive < 3 * highest_count(master))
        return true;
    log_error("reload: refused, %zu workers of earlier generations are still at work", alive);
    return false;
}

static bool renew(struct master *master)
{
    struct failure why;
    if (!has_room(master))
        return false;
    struct settings *fresh = reload_settings(master->start->source, master->settings);
    if (!fresh)
        return false;
    settings_free(master->settings);
    master->settings = fresh;
    open_log(master);
    if (!begin_generation(master, &why))
        log_error("reload: %s", why.message);
    return master->state == RENEWING;
}

static void reload(struct master *master)
{
    if (master->state >= FINISHING)
        return;
    char state[64];
    snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_monotonic_us());
    daemon_notify(state);
    if (!renew(master))
        daemon_notify("READY=1");
}

/* New files first, since workers may not be allowed to make them. */
static void reopen_logs(struct master *master)
{
    if (is_daemon(master))
        daemon_create_paths(master->settings, &master->identity);
    log_reopen();
    tell_all(master, SIGUSR1);
}

/* ---- the end ---- */

/* The socket first: whoever comes now is refused, and can go elsewhere, instead of queueing for nobody. */
static void stop_listening(struct master *master)
{
    daemon_notify("STOPPING=1");
    listener_close(&master->listener);
}

static void terminate(struct master *master)
{
    if (master->state >= TERMINATING)
        return;
    if (master->state < FINISHING)
        stop_listening(master);
    master->state = TERMINATING;
    master->escalation_us = clock_monotonic_us() + LAST_WORDS_US;
    log_info("ending %zu workers now", count_alive(master->newest));
    tell_all(master, SIGQUIT);
}

static void finish(struct master *master)
{
    if (master->state >= FINISHING)
        return;
    stop_listening(master);
    master->state = FINISHING;
    master->escalation_us = clock_monotonic_us() + master->settings->stop_timeout_ms * 1000;
    log_info("finishing what %zu workers have begun", count_alive(master->newest));
    tell_all(master, SIGTERM);
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
    log_warning("killing %zu workers that do not end", count_alive(master->newest));
    tell_all(master, SIGKILL);
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
        default: /* SIGCHLD: the loop looks for the dead each time */
            break;
        }
}

static void wait_for_something(const struct master *master)
{
    struct pollfd events[] = {{.fd = master->signals, .events = POLLIN},
                              {.fd = master->wake, .events = POLLIN}};
    int64_t now = clock_monotonic_us(), until = master->tick_us;
    int64_t wait = pool_fork_delay(&master->throttle, now);
    if (wait && now + wait < until)
        until = now + wait;
    if (master->escalation_us < until)
        until = master->escalation_us;
    poll(events, 2, until > now ? (int)((until - now + 999) / 1000) : 0);
    uint64_t wakes;
    if (read(master->wake, &wakes, sizeof wakes) < 0)
        return; /* nobody did: it does not block */
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
    }
    return true;
}

static void loop(struct master *master)
{
    while (master->state < FINISHING || count_alive(master->newest) || !janitor_is_idle(&master->janitor)) {
        wait_for_something(master);
        handle_signals(master);
        reap_children(master);
        tidy_up(master);
        bool tick = tick_is_due(master);
        escalate(master);
        finish_renewal(master, tick);
        adjust_pool(master, tick);
    }
}

/* ---- start and end of it all ---- */

/* A SIGCHLD that somebody left ignored would bury our children unseen. */
static bool open_events(struct master *master, struct failure *why)
{
    sigset_t mine;
    signal(SIGCHLD, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&mine);
    const int signals[] = {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGCHLD};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&mine, signals[i]);
    sigprocmask(SIG_SETMASK, &mine, NULL);
    master->signals = signalfd(-1, &mine, SFD_NONBLOCK | SFD_CLOEXEC);
    master->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (master->signals < 0 || master->wake < 0)
        return fail(why, FAILURE_SETTING, "no descriptors for signals: %s", strerror(errno));
    return true;
}

static bool master_init(struct master *master, struct failure *why)
{
    if (!is_daemon(master))
        return listener_adopt(master->start->descriptor, &master->listener, why) &&
               open_events(master, why) && begin_generation(master, why);
    daemon_prepare();
    if (!daemon_find_identity(master->settings, &master->identity, why))
        return false;
    daemon_create_paths(master->settings, &master->identity);
    if (!daemon_create_pid_file(master->settings->pid_file, &master->pid_file, why) ||
        !listener_open(master->settings, &master->listener, why) || !open_events(master, why))
        return false;
    open_log(master); /* last, so that what went wrong before is seen on the terminal */
    return begin_generation(master, why);
}

static void master_shutdown(struct master *master)
{
    remove_empty_generations(&master->newest);
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
    bool begun = master_init(&master, &why);
    if (begun)
        loop(&master);
    else
        log_error("cannot start: %s", why.message);
    master_shutdown(&master);
    if (begun)
        log_info("ended");
    return begun ? EXIT_SUCCESS : EXIT_FAILURE;
}
