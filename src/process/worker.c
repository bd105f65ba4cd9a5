/* A worker: serves requests by FastCGI, one after the other, until it is told to exit.
 *
 * Signals are blocked and read from descriptors, so that they interrupt no system call. SIGTERM and SIGUSR1
 * are read between two requests. SIGQUIT has to end a running request, so it has its own descriptor, on which
 * the exchange waits together with its sockets. */
#include "process/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

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
#include "process/scoreboard.h"

#define ACCEPT_PAUSE_US 100000
#define RECOVERY_WAITS 10 /* waits without a request, of about a second each */

struct worker {
    struct services services;
    struct front_fastcgi *front;
    struct acceptor acceptor;
    int signals; /* signalfd of SIGTERM and SIGUSR1; that of SIGQUIT is services.stop */
    struct scoreboard *board;
    size_t slot;
    bool leaving;
    bool memory_given_back; /* memory was given back since the last request */
    unsigned idle_waits;
};

/* ---- signals ---- */

static int open_signalfd(const sigset_t *signals)
{
    int descriptor = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor < 0)
        die("cannot open a signalfd: %s", strerror(errno));
    return descriptor;
}

static void open_signals(struct worker *worker)
{
    sigset_t between_requests, quit, all;
    sigemptyset(&quit);
    sigaddset(&quit, SIGQUIT);
    sigemptyset(&between_requests);
    sigaddset(&between_requests, SIGTERM);
    sigaddset(&between_requests, SIGUSR1);
    all = between_requests;
    sigaddset(&all, SIGQUIT);
    sigprocmask(SIG_BLOCK, &all, NULL);
    signal(SIGTERM, SIG_DFL); /* the parent may ignore them, and ignored signals never become pending */
    signal(SIGQUIT, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a write beyond RLIMIT_FSIZE fails and does not kill the worker */
    worker->signals = open_signalfd(&between_requests);
    worker->services.stop = open_signalfd(&quit);
    acceptor_watch(&worker->acceptor, worker->signals);
    acceptor_watch(&worker->acceptor, worker->services.stop);
}

/* The descriptor of SIGQUIT is not read and stays readable, because a request that was accepted at the same
 * time has to end as well. */
static void handle_signals(struct worker *worker)
{
    struct signalfd_siginfo info;
    struct pollfd stop = {.fd = worker->services.stop, .events = POLLIN};
    while (read(worker->signals, &info, sizeof info) == sizeof info)
        if (info.ssi_signo == SIGUSR1)
            log_reopen();
        else
            worker->leaving = true;
    if (poll(&stop, 1, 0) > 0)
        worker->leaving = true;
}

/* True if the worker was told to exit. A worker that is told to exit during a request must not accept another
 * request, because its settings may have been replaced an hour ago. A worker that is told to exit while it
 * waits may already have been woken for a connection that no other worker was notified of, so it checks the
 * socket once more before it exits (acceptor.c). */
static bool is_told_to_exit(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 && (sigismember(&pending, SIGTERM) || sigismember(&pending, SIGQUIT));
}

/* ---- waiting for a request ---- */

/* Returns the memory of the last requests to the system after a second without a request. */
static void give_back_memory(struct worker *worker)
{
    if (worker->memory_given_back)
        return;
    ledger_rest(worker->services.ledger);
    memory_give_back();
    worker->memory_given_back = true;
}

/* Recovers the requests of dead workers if there is no master to do it, even if no request comes. */
static void recover_without_master(struct worker *worker)
{
    if (worker->board || ++worker->idle_waits % RECOVERY_WAITS)
        return;
    recovery_run(worker->services.ledger, worker->services.usage_log);
}

/* True if the worker can continue after accept() has failed. If the socket is gone, the service ends. If the
 * system lacks a resource, it may soon be available. All other errors mean a signal, the end of a wait or a
 * client that left at once (accept(2), "Error handling"). */
static bool can_go_on(int error)
{
    static bool logged; /* logged only once, because accept() would fail ten times a second */
    if (error == EBADF || error == EINVAL || error == ENOTSOCK)
        return false;
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
        if (!logged)
            log_error("cannot accept a connection: %s; requests wait", strerror(error));
        logged = true;
        usleep(ACCEPT_PAUSE_US);
    }
    return true;
}

/* ---- serving ---- */

/* With pool.queue_timeout, the last idle worker is reserved for requests that would time out in the queue. It
 * serves its request only if another worker becomes idle before that time is over. Otherwise it refuses the
 * request, and refuses the following requests at once, until another worker is idle. */
static bool is_overloaded(const struct worker *worker)
{
    const struct services *services = &worker->services;
    int64_t timeout_us = services->settings->queue_timeout_ms * 1000;
    return timeout_us && !scoreboard_wait_for_other(worker->board, worker->slot, timeout_us, services->stop);
}

static void serve(struct worker *worker, struct front *front)
{
    worker->services.overloaded = is_overloaded(worker);
    if (worker->services.overloaded)
        scoreboard_busy(worker->board, worker->slot);
    exchange_run(&worker->services, front);
}

/* Waits for a request for about a second and serves it. Returns false if none came. */
static bool serve_next(struct worker *worker)
{
    bool signalled;
    int connection = acceptor_accept(&worker->acceptor, &signalled);
    if (connection < 0 && !can_go_on(errno))
        worker->leaving = true;
    if (signalled)
        handle_signals(worker);
    if (connection < 0) {
        give_back_memory(worker);
        recover_without_master(worker);
        return false;
    }
    scoreboard_busy(worker->board, worker->slot);
    struct front *front = front_fastcgi_take(worker->front, connection);
    if (front)
        serve(worker, front);
    worker->memory_given_back = false;
    return true;
}

/* RLIMIT_DATA counts private memory only, not the ledger's map and the libraries, which processes share. */
void worker_limit_memory(const struct settings *settings)
{
    struct rlimit limit;
    if (settings->memory_max == 0)
        return;
    getrlimit(RLIMIT_DATA, &limit);
    limit.rlim_cur = (rlim_t)settings->memory_max;
    setrlimit(RLIMIT_DATA, &limit);
}

static struct pool_facts read_facts(const void *board)
{
    return scoreboard_facts(board);
}

void worker_run(const struct settings *settings, int listener, struct scoreboard *board, size_t slot)
{
    struct worker worker = {.board = board, .slot = slot};
    worker_limit_memory(settings);
    gateway_open(&worker.services, settings);
    acceptor_open(&worker.acceptor, listener);
    open_signals(&worker);
    worker.services.mode = board ? "pool" : "worker";
    worker.services.keep_connections = true;
    worker.services.pool_facts = board ? read_facts : NULL;
    worker.services.pool_facts_context = board;
    worker.front = front_fastcgi_open(settings->client_timeout_ms);
    int64_t served = 0;
    if (!board)
        recovery_run(worker.services.ledger, worker.services.usage_log); /* no master has done that */
    scoreboard_idle(board, slot);
    while (!worker.leaving && (settings->max_requests == 0 || served < settings->max_requests))
        if (serve_next(&worker)) {
            served++;
            scoreboard_idle(board, slot);
            worker.leaving = worker.leaving || is_told_to_exit();
        }
    scoreboard_leaving(board, slot);
    front_fastcgi_close(worker.front);
    acceptor_close(&worker.acceptor);
    close(worker.signals);
    gateway_close(&worker.services);
}
