/* A worker: serves requests by FastCGI, several at a time, until it is told to exit.
 *
 * Each exchange is a task of the event loop with an upstream and a front of its own. Signals are blocked and
 * read from descriptors, so that they interrupt no system call. SIGTERM ends the worker when its exchanges
 * have ended; SIGQUIT makes them end at once.
 *
 * Only one worker is woken for a connection (acceptor.c). If that worker was just told to exit, no other
 * worker is notified of the connection, so a worker looks for a connection once more before it exits. */
#include "process/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/error_log.h"
#include "base/memory.h"
#include "base/services.h"
#include "config/settings.h"
#include "front/acceptor.h"
#include "front/front_fastcgi.h"
#include "gateway/exchange.h"
#include "gateway/gateway.h"
#include "ledger/ledger.h"
#include "ledger/recovery.h"
#include "loop/loop.h"
#include "process/scoreboard.h"
#include "process/worker_limits.h"
#include "upstream/upstream.h"

#define ACCEPT_PAUSE_US 100000
#define OVERLOAD_STEP_US 20000
#define TURN_US 1000000        /* the longest turn of the loop */
#define MEMORY_PAUSE_US 250000 /* memory is given back after so long without a new exchange */
#define LAG_WINDOW_US 30000000 /* the lag shown is the longest of the last one or two windows */
#define UNEVEN_MIN 4           /* requests by which a worker may be ahead of another */
#define MEMORY_CHECK_US 50000
#define UNEVEN_PAUSE_US 500
#define RECOVERY_TURNS 10 /* idle turns, of about a second each */
struct worker_slot {
    struct worker *worker;
    struct services services;    /* with an upstream of its own */
    struct front_fastcgi *front; /* NULL: the slot has not been used */
    struct task *task;           /* NULL: no exchange runs */
    int connection;
    struct worker_slot *next_free;
};

struct worker {
    const struct settings *settings;
    struct services services;
    struct loop *loop;
    struct acceptor acceptor;
    struct loop_watch listener;
    struct loop_timer accept_pause;
    struct loop_watch signals; /* of SIGTERM and SIGUSR1 */
    struct loop_watch quit;    /* of SIGQUIT */
    int signal_descriptor, quit_descriptor;
    struct worker_slot *slots, *free;
    size_t concurrency, running; /* exchanges at a time, and those that run */
    int64_t served, last_start_us;
    int64_t last_change_us; /* when a request began or ended that had room */
    struct scoreboard *board;
    size_t slot; /* of the board */
    int64_t memory_check_us;
    int64_t lag_us, lag_before_us, lag_window_us; /* of this window and the last; when this one ends */
    bool loop_waits;                              /* reads and writes of libfcgi wait in the loop */
    bool leaving, stop;
    bool memory_given_back; /* since the last exchange began */
    unsigned idle_turns;
};

/* ---- exchanges ---- */

static void begin_exchange(struct worker *worker)
{
    worker->running++;
    worker->last_start_us = clock_monotonic_us();
    worker->memory_given_back = false;
    worker->idle_turns = 0;
    if (worker->running < worker->concurrency) {
        worker->last_change_us = worker->last_start_us;
        scoreboard_begin(worker->board, worker->slot);
        return;
    }
    scoreboard_busy(worker->board, worker->slot);
    if (!worker->listener.when_idle)
        loop_unwatch(worker->loop, &worker->listener);
}

/* From now on the worker accepts no connection. */
static void begin_leaving(struct worker *worker)
{
    if (!worker->leaving && worker->concurrency > 1)
        scoreboard_finish(worker->board, worker->slot);
    worker->leaving = true;
}

/* Workers that serve several requests at a time began together and share the load evenly. They are replaced
 * one after the other. */
static bool has_served_enough(const struct worker *worker)
{
    int64_t most = worker->settings->max_requests;
    if (worker->concurrency > 1)
        most -= most / 4 * (int64_t)(worker->slot % 4) / 4;
    return most && worker->served >= most;
}

static void end_exchange(struct worker *worker)
{
    bool was_full = worker->running-- == worker->concurrency;
    worker->served++;
    if (has_served_enough(worker))
        begin_leaving(worker);
    if (worker->leaving && !worker->running)
        return; /* scoreboard_leaving() follows */
    scoreboard_idle(worker->board, worker->slot);
    if (was_full && !worker->leaving && worker->listener.descriptor < 0)
        (void)acceptor_watch(&worker->acceptor, worker->loop, &worker->listener);
}

/* With pool.queue_timeout, the last room of the pool is reserved for requests that would time out in the
 * queue. The request there is served only if room becomes free elsewhere before that time is over. Otherwise
 * it is refused, and so are the following requests at once, until there is room. */
static bool is_overloaded(const struct worker *worker)
{
    int64_t timeout_us = worker->services.settings->queue_timeout_ms * 1000, last_change_us = 0;
    if (!timeout_us || worker->running < worker->concurrency)
        return false;
    if (worker->concurrency == 1)
        return !scoreboard_wait_for_other(worker->board, worker->slot, timeout_us, worker->quit_descriptor);
    while (worker->running == worker->concurrency && !worker->leaving &&
           (scoreboard_is_alone(worker->board) ||
            scoreboard_is_last(worker->board, worker->slot, &last_change_us))) {
        last_change_us = max_int64(last_change_us, worker->last_change_us);
        if (worker->stop || clock_monotonic_us() >= last_change_us + timeout_us)
            return true;
        (void)loop_wait(worker->loop, clock_monotonic_us() + OVERLOAD_STEP_US);
    }
    return false;
}

/* A task. */
static void serve(void *context)
{
    struct worker_slot *slot = context;
    struct worker *worker = slot->worker;
    slot->task = loop_task(worker->loop);
    struct front *front = front_fastcgi_take(slot->front, slot->connection);
    if (front) {
        slot->services.overloaded = is_overloaded(worker);
        if (slot->services.overloaded)
            scoreboard_refuse(worker->board, worker->slot);
        exchange_run(&slot->services, front);
        if (!slot->services.overloaded)
            worker->last_change_us = clock_monotonic_us();
    }
    slot->task = NULL;
    slot->next_free = worker->free;
    worker->free = slot;
    end_exchange(worker);
}

/* The slot that was used last is used next, so that there are as many clients of libcurl as requests have run
 * at a time. */
static void prepare_slot(struct worker_slot *slot)
{
    struct worker *worker = slot->worker;
    if (slot->front)
        return;
    slot->services = gateway_services_for_exchange(&worker->services);
    slot->front = front_fastcgi_open(worker->settings->client_timeout_ms, worker->loop, worker->loop_waits);
}

static void open_slots(struct worker *worker)
{
    worker->slots = memory_alloc(worker->concurrency, sizeof *worker->slots);
    for (size_t i = worker->concurrency; i-- > 0;) {
        worker->slots[i] = (struct worker_slot){.worker = worker, .next_free = worker->free};
        worker->free = &worker->slots[i];
    }
    prepare_slot(worker->free);
}

static void close_slots(struct worker *worker)
{
    for (size_t i = 0; i < worker->concurrency; i++) {
        if (!worker->slots[i].front)
            continue;
        front_fastcgi_close(worker->slots[i].front);
        upstream_destroy(worker->slots[i].services.upstream);
    }
    free(worker->slots);
}

/* ---- connections ---- */

/* Starts an exchange on the connection, which no other worker can serve any more. */
static void start_exchange(struct worker *worker, int connection)
{
    struct worker_slot *slot = worker->free;
    prepare_slot(slot);
    slot->connection = connection;
    if (!loop_start(worker->loop, serve, slot)) {
        log_error("no memory for the stack of an exchange; a request was dropped");
        close(connection);
        return;
    }
    worker->free = slot->next_free;
    begin_exchange(worker);
}

static void end_accept_pause(void *context)
{
    struct worker *worker = context;
    if (!worker->leaving && worker->running < worker->concurrency)
        (void)acceptor_watch(&worker->acceptor, worker->loop, &worker->listener);
}

/* If the socket is gone, the service ends. If the system lacks a resource, it may soon be available. All
 * other errors mean that another worker was faster or that the client left at once (accept(2), "Error
 * handling"). */
static void handle_accept_error(struct worker *worker, int error)
{
    static bool logged; /* logged only once, because accept() would fail ten times a second */
    if (error == EBADF || error == EINVAL || error == ENOTSOCK)
        begin_leaving(worker);
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
        if (!logged)
            log_error("cannot accept a connection: %s; requests wait", strerror(error));
        logged = true;
        loop_unwatch(worker->loop, &worker->listener);
        loop_set_timer(worker->loop, &worker->accept_pause, clock_monotonic_us() + ACCEPT_PAUSE_US);
    }
}

/* The kernel wakes the workers that wait in the order in which they have begun to watch the socket. A worker
 * that is ahead of another pauses, and then is at the end of that order, so that streams spread over all
 * workers, while a few requests stay where the caches are warm. */
static void let_others_accept(struct worker *worker)
{
    if (worker->running < UNEVEN_MIN || worker->listener.descriptor < 0)
        return;
    unsigned fewest = scoreboard_fewest(worker->board, worker->slot);
    if (worker->running < (uint64_t)fewest + UNEVEN_MIN + fewest / 8)
        return;
    loop_unwatch(worker->loop, &worker->listener);
    loop_set_timer(worker->loop, &worker->accept_pause, clock_monotonic_us() + UNEVEN_PAUSE_US);
}

static void accept_one(struct worker *worker, uint32_t events)
{
    int connection = acceptor_accept(&worker->acceptor, events);
    if (connection >= 0) {
        start_exchange(worker, connection);
        let_others_accept(worker);
    } else
        handle_accept_error(worker, errno);
}

/* A worker that is told to exit must not accept another request, because its settings may have been replaced
 * an hour ago. The signal may be pending although its descriptor is handled after this one. */
static bool is_told_to_exit(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 && (sigismember(&pending, SIGTERM) || sigismember(&pending, SIGQUIT));
}

static void handle_listener(void *context, uint32_t events)
{
    struct worker *worker = context;
    if (worker->free && !worker->leaving && !(worker->running && is_told_to_exit()))
        accept_one(worker, events);
}

/* Takes a connection for which this worker alone may have been woken. */
static void accept_last(struct worker *worker)
{
    if (worker->listener.descriptor < 0)
        return;
    loop_unwatch(worker->loop, &worker->listener);
    int connection = worker->free ? acceptor_accept(&worker->acceptor, EPOLLIN) : -1;
    if (connection >= 0)
        start_exchange(worker, connection);
}

/* ---- signals ---- */

static int open_signalfd(const sigset_t *signals)
{
    int descriptor = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor < 0)
        die("cannot open a signalfd: %s", strerror(errno));
    return descriptor;
}

static void handle_signals(void *context, uint32_t events)
{
    struct worker *worker = context;
    struct signalfd_siginfo info;
    (void)events;
    while (read(worker->signal_descriptor, &info, sizeof info) == sizeof info)
        if (info.ssi_signo == SIGUSR1)
            log_reopen();
        else
            begin_leaving(worker);
}

/* The signal is not read, because a request that was accepted at the same time has to end as well. */
static void handle_quit(void *context, uint32_t events)
{
    struct worker *worker = context;
    (void)events;
    begin_leaving(worker);
    worker->stop = true;
    loop_unwatch(worker->loop, &worker->quit);
    for (size_t i = 0; i < worker->concurrency; i++)
        if (worker->slots[i].task)
            loop_wake(worker->loop, worker->slots[i].task);
}

static void watch_signals(struct worker *worker, struct loop_watch *watch, int descriptor,
                          void (*handle)(void *, uint32_t))
{
    *watch = (struct loop_watch){.handle = handle, .context = worker, .descriptor = -1};
    if (!loop_watch(worker->loop, watch, descriptor, EPOLLIN))
        die("cannot wait for signals: %s", strerror(errno));
}

static void open_signals(struct worker *worker)
{
    sigset_t all, first, quit;
    sigemptyset(&quit);
    sigaddset(&quit, SIGQUIT);
    sigemptyset(&first);
    sigaddset(&first, SIGTERM);
    sigaddset(&first, SIGUSR1);
    all = first;
    sigaddset(&all, SIGQUIT);
    sigprocmask(SIG_BLOCK, &all, NULL);
    signal(SIGTERM, SIG_DFL); /* the parent may ignore them, and ignored signals never become pending */
    signal(SIGQUIT, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a write beyond RLIMIT_FSIZE fails and does not kill the worker */
    worker->signal_descriptor = open_signalfd(&first);
    worker->quit_descriptor = open_signalfd(&quit);
    watch_signals(worker, &worker->signals, worker->signal_descriptor, handle_signals);
    watch_signals(worker, &worker->quit, worker->quit_descriptor, handle_quit);
}

/* ---- when nothing is to do ---- */

/* Returns memory to the system when no exchange has begun for a while: preparing the last ones may have taken
 * a third of the process's memory, and they may wait for long. */
static void give_back_memory(struct worker *worker)
{
    if (worker->memory_given_back || clock_monotonic_us() < worker->last_start_us + MEMORY_PAUSE_US)
        return;
    if (!worker->running)
        ledger_rest(worker->services.ledger);
    memory_give_back();
    loop_trim_stacks(worker->loop, INT64_MAX);
    worker->memory_given_back = true;
}

/* Recovers the requests of dead workers if there is no master to do it, even if no request comes. */
static void recover_without_master(struct worker *worker)
{
    if (worker->board || worker->running || ++worker->idle_turns % RECOVERY_TURNS)
        return;
    recovery_run(worker->services.ledger, worker->services.usage_log);
}

/* Looks a few times a second. The requests that run are finished; another worker takes this one's place. */
static void leave_if_large(struct worker *worker, int64_t now_us)
{
    int64_t most = worker->settings->memory_max;
    if (!most || worker->concurrency == 1 || worker->leaving || now_us < worker->memory_check_us)
        return;
    worker->memory_check_us = now_us + MEMORY_CHECK_US;
    if (worker_private_memory() <= most)
        return;
    log_info("a worker with %zu requests takes more than limits.memory: another takes its place",
             worker->running);
    begin_leaving(worker);
}

/* Other processes see how long requests keep each other waiting in this one. */
static void show_lag(struct worker *worker, int64_t now_us)
{
    int64_t before_us = max_int64(worker->lag_us, worker->lag_before_us), lag_us = loop_lag_us(worker->loop);
    if (now_us >= worker->lag_window_us) {
        worker->lag_before_us = now_us < worker->lag_window_us + LAG_WINDOW_US ? worker->lag_us : 0;
        worker->lag_us = 0;
        worker->lag_window_us = now_us + LAG_WINDOW_US;
    }
    worker->lag_us = max_int64(worker->lag_us, lag_us);
    int64_t longest_us = max_int64(worker->lag_us, worker->lag_before_us);
    if (longest_us != before_us)
        scoreboard_lag(worker->board, worker->slot, longest_us);
}

static int64_t end_of_turn(const struct worker *worker, int64_t now_us)
{
    return worker->memory_given_back ? now_us + TURN_US : worker->last_start_us + MEMORY_PAUSE_US;
}

static void turn(struct worker *worker)
{
    int64_t began_us = clock_monotonic_us();
    loop_turn(worker->loop, end_of_turn(worker, began_us));
    show_lag(worker, began_us);
    leave_if_large(worker, began_us);
    loop_trim_stacks(worker->loop, began_us - MEMORY_PAUSE_US);
    give_back_memory(worker);
    if (clock_monotonic_us() - began_us >= TURN_US) {
        if (worker->listener.descriptor >= 0 && worker->free)
            accept_one(worker, 0);
        recover_without_master(worker);
    }
    if (worker->leaving)
        accept_last(worker);
}

/* ---- the worker ---- */

static struct pool_facts read_facts(const void *board)
{
    return scoreboard_facts(board);
}

static bool read_worker(const void *board, size_t slot, struct pool_worker *worker)
{
    return scoreboard_worker(board, slot, worker);
}

static void open_services(struct worker *worker, const struct settings *settings)
{
    gateway_open(&worker->services, settings, worker->loop, worker->concurrency);
    worker->services.mode = worker->board ? "pool" : "worker";
    worker->services.keep_connections = true;
    worker->services.stop = &worker->stop;
    worker->services.pool_facts = worker->board ? read_facts : NULL;
    worker->services.pool_worker = worker->board ? read_worker : NULL;
    worker->services.pool_facts_context = worker->board;
}

/* A task, so that it uses the stack of the first exchange and touches no memory of its own. */
static void open_worker(void *context)
{
    struct worker *worker = context;
    const struct settings *settings = worker->settings;
    worker->loop_waits = front_fastcgi_can_wait();
    worker->concurrency = worker->loop_waits ? (size_t)settings->concurrency : 1;
    if (worker->concurrency > 1)
        worker_allow_files();
    else if (settings->concurrency > 1 && worker->slot == 0)
        log_warning("functions of this libfcgi cannot be replaced: each worker serves one request at a time");
    open_services(worker, settings);
    open_signals(worker);
    open_slots(worker);
    worker->listener.when_idle = worker->concurrency == 1;
    if (!acceptor_watch(&worker->acceptor, worker->loop, &worker->listener))
        die("cannot wait for connections: %s", strerror(errno));
    if (!worker->board)
        recovery_run(worker->services.ledger, worker->services.usage_log); /* no master has done that */
    scoreboard_idle(worker->board, worker->slot);
}

void worker_run(const struct settings *settings, int listener, struct scoreboard *board, size_t slot)
{
    struct worker worker = {
        .settings = settings, .board = board, .slot = slot, .loop = loop_create(WORKER_STACK)};
    worker_limit_memory(settings, (size_t)settings->concurrency);
    worker.accept_pause = (struct loop_timer){.expire = end_accept_pause, .context = &worker};
    worker.listener = (struct loop_watch){.handle = handle_listener, .context = &worker, .descriptor = -1};
    worker.last_start_us = clock_monotonic_us();
    acceptor_open(&worker.acceptor, listener);
    loop_show_busy(worker.loop, scoreboard_busy_since(board, slot));
    if (!loop_start(worker.loop, open_worker, &worker))
        memory_exhausted();
    loop_turn(worker.loop, 0);
    (void)loop_lag_us(worker.loop); /* the start keeps no request waiting */
    while (loop_task_count(worker.loop) || !worker.leaving)
        turn(&worker);
    scoreboard_leaving(board, slot);
    close_slots(&worker);
    close(worker.signal_descriptor);
    close(worker.quit_descriptor);
    gateway_close(&worker.services);
    loop_destroy(worker.loop);
}
