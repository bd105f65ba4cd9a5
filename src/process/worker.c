/* A worker: requests by FastCGI, one after the other, until told to leave. Where the two towers touch.
 *
 * No signal interrupts anything: they are blocked and come by descriptors. SIGTERM and SIGUSR1 are heard
 * between two requests; SIGQUIT, which has to end one in its middle, has a descriptor of its own, which the
 * exchange waits for together with its sockets. */
#include "process/worker.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "base/memory.h"
#include "base/services.h"
#include "config/settings.h"
#include "front/acceptor.h"
#include "front/front_cgi.h"
#include "front/front_fastcgi.h"
#include "front/response.h"
#include "gateway/exchange.h"
#include "ledger/ledger.h"
#include "ledger/ledger_checkpoint.h"
#include "ledger/recovery.h"
#include "process/scoreboard.h"
#include "protocol/error_response.h"
#include "protocol/response_headers.h"
#include "upstream/upstream.h"
#include "usage/price.h"
#include "usage/usage_log.h"

#define SCARCITY_PAUSE_US 100000
#define SWEEP_EVERY_TURNS 10 /* of about a second each, in which nobody came */
#define CROWD_LOOK_MS 5

struct worker {
    struct services services;
    struct front_fastcgi *front;
    struct acceptor acceptor;
    int signals;
    struct scoreboard *board;
    size_t row;
    bool leaving;
    bool rested; /* memory was given back since the last request */
    unsigned idle_turns;
};

static struct upstream *rehearsed;   /* NULL: nothing is forked, and each has its own from the start */
static struct prices *shared_prices; /* NULL: this process is alone, and reads them when it needs them */

/* A descriptor that is readable while one of these signals waits (signalfd(2)). */
static int hear(const sigset_t *signals)
{
    int descriptor = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (descriptor < 0)
        die("cannot hear signals: %s", strerror(errno));
    return descriptor;
}

static void arrange_signals(struct worker *worker)
{
    sigset_t between, quit, all;
    sigemptyset(&quit);
    sigaddset(&quit, SIGQUIT);
    sigemptyset(&between);
    sigaddset(&between, SIGTERM);
    sigaddset(&between, SIGUSR1);
    all = between;
    sigaddset(&all, SIGQUIT);
    sigprocmask(SIG_BLOCK, &all, NULL);
    signal(SIGTERM, SIG_DFL); /* whoever started us may have had them ignored: then none would wait */
    signal(SIGQUIT, SIG_DFL);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a fault, not the end */
    worker->signals = hear(&between);
    worker->services.stop = hear(&quit);
    acceptor_watch(&worker->acceptor, worker->signals);
    acceptor_watch(&worker->acceptor, worker->services.stop);
}

/* The descriptor of SIGQUIT is left readable: a request that came together with it has to end as well. */
static void heed_signals(struct worker *worker)
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

/* Who waits for a connection when it is told to leave may have been woken for one already, of which nobody
 * else has heard, and serves it. Who was told in the middle of a request takes no other: its settings may
 * have been replaced an hour ago. */
static bool is_told_to_leave(void)
{
    sigset_t waiting;
    return sigpending(&waiting) == 0 && (sigismember(&waiting, SIGTERM) || sigismember(&waiting, SIGQUIT));
}

static struct prices *find_prices(const struct settings *settings)
{
    return prices_create(settings->prices, DATADIR "/penstock/prices.conf");
}

void worker_share(const struct settings *settings)
{
    prices_free(shared_prices);
    shared_prices = find_prices(settings);
    prices_read(shared_prices);
    if (rehearsed)
        return;
    memory_settle(); /* so that what each worker will write to lies together */
    rehearsed = upstream_prewarm();
}

/* A log that was just made begins with what the ones before it came to. */
static void begin_log(void *context)
{
    struct services *services = context;
    ledger_checkpoint_write(services->ledger, services->usage_log);
}

static void open_gateway(struct services *services, const struct settings *settings)
{
    *services = (struct services){
        .settings = settings,
        .upstream = rehearsed ? rehearsed : upstream_create(),
        .usage_log = usage_log_open(settings->usage_path),
        .prices = shared_prices ? shared_prices : find_prices(settings),
        .ledger = ledger_open(settings),
        .stop = -1,
    };
    usage_log_when_begun(services->usage_log, begin_log, services);
}

static void close_gateway(struct services *services)
{
    upstream_destroy(services->upstream);
    ledger_close(services->ledger);
    usage_log_close(services->usage_log);
    prices_free(services->prices);
    if (services->stop >= 0)
        close(services->stop);
}

static struct pool_facts read_facts(const void *board)
{
    return scoreboard_facts(board);
}

/* Each page that a worker writes to is a page of its own: what can be written before the fork is. */
void worker_prepare(void)
{
    unsigned char digest[DIGEST_BYTES];
    char now[CLOCK_TEXT_SIZE];
    memory_prepare();
    upstream_prepare();
    digest_sha256("", 0, digest);
    clock_format(clock_wall_us(), now);
}

/* A second without a request: what the last ones needed goes back to the system. */
static void rest(struct worker *worker)
{
    if (worker->rested)
        return;
    ledger_rest(worker->services.ledger);
    memory_give_back();
    worker->rested = true;
}

/* Where there is no master somebody has to look for those who died, even if no request comes. */
static void look_around(struct worker *worker)
{
    if (worker->board || ++worker->idle_turns % SWEEP_EVERY_TURNS)
        return;
    recovery_run(worker->services.ledger, worker->services.usage_log);
}

/* Said once, not ten times a second: a worker that may have no more descriptors will not have more later. */
static void say_scarcity(int error)
{
    static bool said;
    if (!said)
        log_error("a request waits, for it cannot be accepted: %s", strerror(error));
    said = true;
}

/* After accept() has failed. A socket that is no more means that the service ends; what the system lacks may
 * be there in a moment; and the rest is a signal, the end of our patience or a peer that was too quick
 * (accept(2), "Error handling"). */
static bool can_go_on(int error)
{
    if (error == EBADF || error == EINVAL || error == ENOTSOCK)
        return false;
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
        say_scarcity(error);
        usleep(SCARCITY_PAUSE_US);
    }
    return true;
}

/* With pool.queue_timeout the last free worker is there for those who would wait in vain. It takes a request
 * of its own only where another becomes free before that time is over; else it refuses it, and the next ones
 * at once, until there is hope again. */
static bool is_hopeless(const struct worker *worker)
{
    const struct settings *settings = worker->services.settings;
    struct pollfd stop = {.fd = worker->services.stop, .events = POLLIN};
    int64_t moved_us, until_us = 0;
    if (settings->queue_timeout_ms == 0)
        return false;
    while (scoreboard_is_last(worker->board, worker->row, &moved_us)) {
        until_us = until_us ? until_us : moved_us + settings->queue_timeout_ms * 1000;
        if (clock_monotonic_us() >= until_us || poll(&stop, 1, CROWD_LOOK_MS) > 0)
            return true;
    }
    return false;
}

static void serve(struct worker *worker, struct front *front)
{
    worker->services.overloaded = is_hopeless(worker);
    if (worker->services.overloaded)
        scoreboard_busy(worker->board, worker->row);
    exchange_run(&worker->services, front);
}

/* One turn: a request if one comes. */
static bool serve_next(struct worker *worker)
{
    bool called;
    int connection = acceptor_take(&worker->acceptor, &called);
    if (connection < 0 && !can_go_on(errno))
        worker->leaving = true;
    if (called)
        heed_signals(worker);
    if (connection < 0) {
        rest(worker);
        look_around(worker);
        return false;
    }
    scoreboard_busy(worker->board, worker->row);
    struct front *front = front_fastcgi_take(worker->front, connection);
    if (front)
        serve(worker, front);
    worker->rested = false;
    return true;
}

/* What is shared with others, the ledger's map and the libraries, costs this process nothing and does not
 * count. */
static void limit_memory(const struct settings *settings)
{
    struct rlimit limit;
    if (settings->memory_max == 0)
        return;
    getrlimit(RLIMIT_DATA, &limit);
    limit.rlim_cur = (rlim_t)settings->memory_max;
    setrlimit(RLIMIT_DATA, &limit);
}

void worker_run(const struct settings *settings, int listener, struct scoreboard *board, size_t row)
{
    struct worker worker = {.board = board, .row = row};
    limit_memory(settings);
    open_gateway(&worker.services, settings);
    acceptor_open(&worker.acceptor, listener);
    arrange_signals(&worker);
    worker.services.mode = board ? "pool" : "worker";
    worker.services.keep_connections = true;
    worker.services.pool_facts = board ? read_facts : NULL;
    worker.services.pool_facts_context = board;
    worker.front = front_fastcgi_open(settings->client_timeout_ms);
    int64_t served = 0;
    scoreboard_idle(board, row);
    while (!worker.leaving && (settings->max_requests == 0 || served < settings->max_requests))
        if (serve_next(&worker)) {
            served++;
            scoreboard_idle(board, row);
            worker.leaving = worker.leaving || is_told_to_leave();
        }
    scoreboard_leaving(board, row);
    front_fastcgi_close(worker.front);
    acceptor_close(&worker.acceptor);
    close(worker.signals);
    close_gateway(&worker.services);
}

void worker_answer_cgi(const struct settings *settings)
{
    struct front_cgi front;
    struct services services;
    limit_memory(settings);
    open_gateway(&services, settings);
    services.mode = "cgi";
    front_cgi_open(&front, settings->client_timeout_ms);
    exchange_run(&services, &front.front);
    ledger_rest(services.ledger); /* all else goes with the process */
}

void worker_tidy(const struct settings *settings)
{
    struct services services = {.ledger = ledger_open(settings),
                                .usage_log = usage_log_open(settings->usage_path)};
    usage_log_when_begun(services.usage_log, begin_log, &services);
    recovery_run(services.ledger, services.usage_log);
    usage_log_close(services.usage_log);
    ledger_close(services.ledger);
}

/* Somebody may be waiting at the other end: an empty answer would tell them nothing. */
void worker_refuse_cgi(void)
{
    struct front_cgi front;
    struct response response;
    struct failure why;
    char id[2 * RANDOM_NAME_BYTES + 1];
    const char *method = getenv("REQUEST_METHOD");
    digest_random_name(id);
    fail(&why, FAILURE_UNAVAILABLE, "the gateway's settings have mistakes; its error log names them");
    why.retryable = false;
    front_cgi_open(&front, 1000);
    response_open(&response, &front.front, method && strcmp(method, "HEAD") == 0);
    error_response_send(&response, &(struct error_response){.failure = &why, .request_id = id},
                        &(struct response_headers){.request_id = id});
    response_close(&response);
}
