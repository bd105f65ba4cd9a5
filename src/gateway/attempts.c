/* One request, and the providers that are tried for its answer (contract, section 8).
 *
 * As long as no byte of an answer has reached the client it does not matter which provider gives it. What
 * comes after a failure is decided in retry.c; here it is done: the wait, in which the client may leave and a
 * stream is kept alive, and the turn to the next target behind an alias. */
#include "gateway/attempts.h"

#include <sys/random.h>

#include "base/clock.h"
#include "base/services.h"
#include "config/settings.h"
#include "gateway/attempt_setup.h"
#include "gateway/exchange_accounting.h"
#include "gateway/exchange_internal.h"
#include "gateway/retry.h"
#include "ledger/provider_health.h"
#include "provider/provider.h"
#include "relay/relay.h"
#include "relay/relay_own_frames.h"
#include "relay/relay_wait.h"
#include "upstream/upstream.h"

struct tries {
    struct exchange *exchange;
    struct upstream_request request;
    size_t place;       /* of the target behind its alias */
    size_t here;        /* tries at it */
    int64_t failed_us;  /* when the first of all had failed; 0: none has */
    int64_t taken;      /* bytes of the client's body before the first */
    int64_t unpaid;     /* what the last one cost, if it was for nothing */
    int64_t soonest_ms; /* until one of the targets that were passed over may be asked; -1: none was */
    bool gone;          /* the client left between two */
    struct provider_health health; /* of the target */
};

/* ---- one try ---- */

/* A kept connection turned out dead: nobody may have got the request, and nobody is to blame. */
static bool died_unheard(const struct exchange *exchange, const struct failure *why)
{
    const struct upstream_answer *answer = upstream_answer(exchange->services->upstream);
    return why->reason == FAILURE_UPSTREAM_CUT && answer->reused && answer->head.first_byte_us < 0;
}

static void hear_content(void *tries)
{
    provider_health_report(&((struct tries *)tries)->health, BREAKER_SERVED);
}

/* What the try tells of its provider; `why` NULL: it was answered. */
static void hear_end(struct tries *tries, const struct failure *why)
{
    const struct exchange *exchange = tries->exchange;
    const struct relay_job *job = &exchange->job;
    const struct failure *failure = why ? why : &job->failure;
    bool unheard = why ? died_unheard(exchange, why) : job->end == END_CLIENT_GONE;
    provider_health_report(&tries->health, unheard ? BREAKER_UNKNOWN : breaker_judge(failure));
    if (failure->reason == FAILURE_RATE_LIMIT && failure->retryable)
        provider_health_start_cooldown(&tries->health, failure->retry_after_ms);
}

/* Its line in the record comes first, for the answer names their number. */
static bool attempt(struct tries *tries, struct failure *why)
{
    struct exchange *exchange = tries->exchange;
    struct record *record = &exchange->record;
    struct attempt *line = &record->attempts[record->attempt_count++];
    int64_t started_us = clock_monotonic_us();
    tries->here++;
    if (tries->unpaid > 0 && tries->unpaid < INT64_MAX - exchange->spent)
        exchange->spent += tries->unpaid;
    dialect_begin(&exchange->dialect, exchange->arena);
    exchange->job.headers = response_headers_of(exchange);
    exchange->job.error_response = error_response_of(exchange);
    bool answered = relay_run(&exchange->job, &tries->request, why);
    *line = (struct attempt){
        .provider = record->provider,
        .model = record->model,
        .status = upstream_answer(exchange->services->upstream)->head.status,
        .reason = answered ? exchange->job.failure.reason : why->reason,
        .duration_us = clock_monotonic_us() - started_us,
    };
    hear_end(tries, answered ? NULL : why);
    tries->unpaid = answered ? 0 : accounting_cost(exchange);
    return answered;
}

/* ---- the next target ---- */

/* What all processes know of it counts. */
static bool may_ask(struct tries *tries, struct failure *why)
{
    const struct exchange *exchange = tries->exchange;
    tries->health = (struct provider_health){
        .ledger = exchange->services->ledger,
        .rules = &exchange->services->settings->breaker,
        .provider = exchange->target.provider->name,
        .base_url = exchange->target.provider->base_url,
        .model = exchange->target.model,
        .own_key = !provider_takes_key(exchange->target.provider, &exchange->data),
    };
    if (provider_health_allows(&tries->health, false, why))
        return true;
    if (tries->soonest_ms < 0 || why->retry_after_ms < tries->soonest_ms)
        tries->soonest_ms = why->retry_after_ms;
    return false;
}

/* Through no fault of the request: the next one may do. */
static bool is_passed_over(const struct failure *why)
{
    return why->reason == FAILURE_AUTHENTICATION || why->reason == FAILURE_UNAVAILABLE ||
           why->reason == FAILURE_RATE_LIMIT;
}

/* From the question as it was read: what the last target's rules made of it is of no use to this one. */
static bool turn_to(struct tries *tries, const struct target *target, struct failure *why)
{
    struct exchange *exchange = tries->exchange;
    exchange->target = *target;
    splice_reset(&exchange->client_request.body);
    exchange->target_request = exchange->client_request;
    return attempt_add_parameters(exchange, why) && attempt_prepare(exchange, &tries->request, why);
}

/* Finds the target at the next place that has one, a larger one where that is wanted. */
static bool find_next(const struct tries *tries, size_t *place, bool larger, struct target *target)
{
    const struct exchange *exchange = tries->exchange;
    const struct alias_settings *alias = exchange->target.alias;
    while (alias && ++*place < alias->targets.count)
        if ((!larger || target_is_larger(alias, *place)) &&
            target_other(exchange->services->settings, exchange->arena, exchange->client_request.model, *place,
                         target))
            return true;
    return false;
}

/* False: nobody is left, and the exchange is with the target that it was with. */
static bool move_on(struct tries *tries, bool larger)
{
    struct target before = tries->exchange->target, next;
    struct failure ignored;
    size_t place = tries->place;
    bool turned = false;
    while (find_next(tries, &place, larger, &next)) {
        if (turn_to(tries, &next, &ignored) && may_ask(tries, &ignored)) {
            tries->place = place;
            tries->here = 0;
            return true;
        }
        turned = true;
    }
    bool back = turned && turn_to(tries, &before, &ignored);
    (void)back; /* if it cannot be asked it could not be before */
    return false;
}

/* Where all are passed over, the client hears when the first of them will not be. */
static bool begin(struct tries *tries, struct failure *why)
{
    struct exchange *exchange = tries->exchange;
    exchange->job.asked_us = clock_monotonic_us();
    exchange->job.heard = hear_content;
    exchange->job.heard_context = tries;
    tries->taken = exchange->request.taken;
    if (attempt_prepare(exchange, &tries->request, why) && may_ask(tries, why))
        return true;
    if (is_passed_over(why) && move_on(tries, false))
        return true;
    if (why->retryable && tries->soonest_ms >= 0)
        why->retry_after_ms = tries->soonest_ms;
    return false;
}

/* ---- the same target once more ---- */

/* A stream's client must not take the silence of a wait for the end of everything. */
static enum relay_event keep_company(struct tries *tries, struct relay_wait *wait, int64_t until_us,
                                     struct failure *why)
{
    struct relay_job *job = &tries->exchange->job;
    for (;;) {
        int64_t due_us = job->stream && !job->raw ? relay_own_frames_due_us(job, 0) : INT64_MAX;
        int64_t next_us = due_us < until_us ? due_us : until_us, now_us = clock_monotonic_us();
        enum relay_event event = relay_wait(wait, next_us > now_us ? next_us - now_us : 0, why);
        now_us = clock_monotonic_us();
        if (event != RELAY_TIMEOUT || now_us >= until_us)
            return event;
        if (now_us >= due_us && !relay_own_frames_keepalive(job, NULL))
            return RELAY_CLIENT_GONE;
    }
}

/* False when the wait was in vain: the client has left, or `why` says why we are to end. */
static bool wait_for_it(struct tries *tries, int64_t wait_ms, struct failure *why)
{
    struct exchange *exchange = tries->exchange;
    struct upstream *upstream = exchange->services->upstream;
    struct relay_wait wait = relay_wait_open(upstream, exchange->response.front, exchange->services->stop);
    upstream_stop(upstream);
    enum relay_event event = keep_company(tries, &wait, clock_monotonic_us() + wait_ms * 1000, why);
    tries->gone = event == RELAY_CLIENT_GONE;
    return event == RELAY_TIMEOUT;
}

/* Not through an open breaker, be it that this very failure has opened it. */
static bool come_back(struct tries *tries, int64_t wait_ms, struct failure *why)
{
    struct failure open;
    if (provider_health_is_open(&tries->health))
        return move_on(tries, false);
    if (!wait_for_it(tries, wait_ms, why))
        return false;
    return provider_health_allows(&tries->health, true, &open) || move_on(tries, false);
}

/* ---- what comes next ---- */

static unsigned short luck(void)
{
    unsigned short number = 0;
    return getrandom(&number, sizeof number, 0) == (ssize_t)sizeof number ? number : 0;
}

/* Of a body that passes without being held, what was read is gone. */
static bool can_be_sent_again(const struct tries *tries)
{
    return !tries->request.rest || tries->exchange->request.taken == tries->taken;
}

static struct retry_history history_of(struct tries *tries, const struct failure *why)
{
    const struct exchange *exchange = tries->exchange;
    int64_t now_us = clock_monotonic_us();
    if (!tries->failed_us)
        tries->failed_us = now_us;
    return (struct retry_history){
        .tries = exchange->record.attempt_count,
        .here = tries->here,
        .since_ms = (now_us - tries->failed_us) / 1000,
        .alias = exchange->target.alias,
        .client_key = provider_takes_key(exchange->target.provider, &exchange->data),
        .unheard = died_unheard(exchange, why),
        .luck = luck(),
    };
}

static bool try_again(struct tries *tries, struct failure *why)
{
    const struct retry_settings *rules = &tries->exchange->services->settings->retry;
    struct retry_history history = history_of(tries, why);
    struct retry_verdict verdict = retry_decide(rules, why, &history);
    if (!can_be_sent_again(tries))
        return false;
    switch (verdict.move) {
    case RETRY_FRESH:
        tries->request.fresh = true;
        tries->here--; /* nobody had it there */
        return true;
    case RETRY_HERE:
        return come_back(tries, verdict.wait_ms, why);
    case RETRY_NEXT:
        return move_on(tries, false);
    case RETRY_LARGER:
        return move_on(tries, true);
    case RETRY_NOT:
        break;
    }
    return false;
}

/* False while the failure can have a status: a stream that has begun with signs of life has none left. */
static bool is_over(struct tries *tries, const struct failure *why)
{
    struct exchange *exchange = tries->exchange;
    if (tries->gone) {
        exchange->job.end = END_CLIENT_GONE;
        return true;
    }
    if (!exchange->response.begun)
        return false;
    dialect_begin(&exchange->dialect, exchange->arena);
    relay_own_frames_failure(&exchange->job, NULL, why);
    return true;
}

bool attempts_run(struct exchange *exchange, struct failure *why)
{
    struct tries tries = {.exchange = exchange, .soonest_ms = -1};
    if (!begin(&tries, why))
        return false;
    do {
        if (attempt(&tries, why))
            return true;
    } while (try_again(&tries, why));
    return is_over(&tries, why);
}
