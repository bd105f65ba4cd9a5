/* The accounts of a whole fleet, in a Redis that all its hosts share.
 *
 * This file has the keys and the arguments of the script; the script (ledger_redis.lua) has the rules. All
 * keys have the same hash tag, so that a cluster keeps them on one node, where one script may use them all.
 */
#include "ledger/ledger_redis.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error_log.h"
#include "base/memory.h"
#include "config/redis_address.h"
#include "ledger/ledger_script.h"
#include "ledger/quota.h"
#include "ledger/redis_link.h"

#define PREFIX "{penstock}:"
#define EXCHANGE_KEYS 6
#define MONEY_MAX                                                                                            \
    INT64_C(1000000000000000) /* a million USD, so that the sums in the script stay integers                 \
                               */

struct ledger_redis {
    struct redis_link *link;
    bool down; /* the last call failed, which was logged */
};

/* One call of the script. */
struct call {
    struct arena *arena;
    struct redis_word words[REDIS_WORDS_MAX];
    size_t keys, count;
    struct redis_answer answer;
};

struct ledger_redis *ledger_redis_open(const struct redis_address *address, const struct secret *password)
{
    struct ledger_redis *redis = memory_alloc(1, sizeof *redis);
    redis->link = redis_link_open(address, password, ledger_script);
    return redis;
}

void ledger_redis_close(struct ledger_redis *redis)
{
    if (!redis)
        return;
    redis_link_close(redis->link);
    free(redis);
}

void ledger_redis_wait_in(struct ledger_redis *redis, struct loop *loop)
{
    redis_link_wait_in(redis->link, loop);
}

const char *ledger_redis_fault(const struct ledger_redis *redis)
{
    return redis_link_fault(redis->link);
}

bool ledger_redis_pauses(const struct ledger_redis *redis)
{
    return redis_link_pauses(redis->link);
}

/* Logs once when Redis fails, and once when it is back. */
static void log_state(struct ledger_redis *redis)
{
    const char *fault = redis_link_fault(redis->link), *address = redis_link_address(redis->link);
    if (fault && !redis->down)
        log_error("the ledger is down: Redis at %s: %s", address, fault);
    if (!fault && redis->down)
        log_info("the ledger is back: Redis at %s answers again", address);
    redis->down = fault;
}

/* ---- words ---- */

static void put_text(struct call *call, const char *text)
{
    call->words[call->count++] = (struct redis_word){text, strlen(text)};
}

static void put_number(struct call *call, int64_t number)
{
    put_text(call, arena_format(call->arena, "%" PRId64, number));
}

/* The money of one exchange; an estimate may be unbounded. */
static void put_cost(struct call *call, int64_t money)
{
    put_number(call, money < MONEY_MAX ? money : MONEY_MAX);
}

static void put_key(struct call *call, const char *kind, const char *name)
{
    put_text(call, arena_format(call->arena, PREFIX "%s:%s", kind, name));
    call->keys = call->count;
}

/* The keys in the script's order. The script does not use the keys of a client or a run that is not named. An
 * address is not a client of that name. */
static void put_exchange_keys(struct call *call, const char *id, const char *client, bool by_address,
                              const char *run)
{
    put_key(call, "settled", id);
    put_key(call, by_address ? "address" : "client", client ? client : "");
    put_key(call, by_address ? "address-minute" : "minute", client ? client : "");
    put_key(call, by_address ? "address-open" : "client-open", client ? client : "");
    put_key(call, "run", run ? run : "");
    put_key(call, "run-open", run ? run : "");
}

static void put_verb(struct call *call, const char *verb, int64_t now_ms)
{
    put_text(call, verb);
    if (now_ms == LEDGER_REDIS_CLOCK)
        put_text(call, "");
    else
        put_number(call, now_ms);
}

/* The arguments that all verbs about one exchange begin with. */
static struct call begin_exchange(const char *verb, const char *id, const char *client, bool by_address,
                                  const char *run, int64_t now_ms)
{
    struct call call = {.arena = arena_create()};
    put_exchange_keys(&call, id, client, by_address, run);
    put_verb(&call, verb, now_ms);
    put_text(&call, id);
    put_text(&call, client ? "1" : "");
    put_text(&call, run ? "1" : "");
    return call;
}

static bool call_script(struct ledger_redis *redis, struct call *call)
{
    bool done = redis_link_run(redis->link, call->keys, call->words, call->count, &call->answer);
    arena_destroy(call->arena);
    call->arena = NULL;
    return done;
}

static bool call_and_log(struct ledger_redis *redis, struct call *call)
{
    bool done = call_script(redis, call);
    log_state(redis);
    return done;
}

/* ---- exchanges ---- */

static void put_reservation(struct call *call, const struct reservation *reservation)
{
    put_number(call, reservation->prompt_tokens);
    put_cost(call, reservation->cost);
    put_cost(call, reservation->cost_min);
    put_number(call, reservation->client_limits.requests_per_minute);
    put_number(call, reservation->client_limits.tokens_per_minute);
    put_number(call, reservation->client_limits.concurrent);
    put_number(call, reservation->client_limits.usd_per_day);
    put_number(call, reservation->client_limits.usd_per_month);
    put_number(call, reservation->client_limits.usd_total);
    put_number(call, reservation->run_limits.max_errors);
    put_number(call, reservation->run_limits.max_cost);
    put_number(call, reservation->run_limits.error_window_ms);
    put_number(call, reservation->run_limits.expire_ms);
    put_number(call, reservation->client_limits.requests_per_day);
    put_text(call, reservation->by_address ? "1" : "");
    put_text(call, reservation->counted ? "1" : "");
    put_number(call, reservation->tokens);
    put_number(call, reservation->tokens_min);
}

static void take_status(const struct redis_answer *answer, struct quota_status *quota_status,
                        int64_t *reserved)
{
    const int64_t *numbers = answer->numbers;
    *quota_status = (struct quota_status){
        .verdict = (enum quota_verdict)numbers[0],
        .count = numbers[1],
        .limit = numbers[2],
        .retry_after_ms = numbers[3],
        .requests_left = numbers[4],
        .requests_reset_ms = numbers[5],
        .tokens_left = numbers[6],
        .tokens_reset_ms = numbers[7],
    };
    *reserved = numbers[8];
    quota_status->answer_tokens = numbers[9];
}

bool ledger_redis_reserve(struct ledger_redis *redis, const char *id, const struct reservation *reservation,
                          int64_t now_ms, struct quota_status *quota_status, int64_t *reserved)
{
    *quota_status = (struct quota_status){.verdict = QUOTA_UNKNOWN, .requests_left = -1, .tokens_left = -1};
    *reserved = 0;
    struct call call = begin_exchange("reserve", id, reservation->client, reservation->by_address,
                                      reservation->run, now_ms);
    put_reservation(&call, reservation);
    bool answered = call_and_log(redis, &call);
    if (answered)
        take_status(&call.answer, quota_status, reserved);
    return answered;
}

bool ledger_redis_settle(struct ledger_redis *redis, const char *id, const struct settlement *settlement,
                         int64_t now_ms)
{
    struct call call = begin_exchange("settle", id, settlement->client, false, settlement->run, now_ms);
    put_cost(&call, settlement->cost);
    put_number(&call, settlement->tokens);
    put_text(&call, settlement->run_error ? "1" : "");
    put_number(&call, settlement->run_limits.error_window_ms);
    put_number(&call, settlement->run_limits.expire_ms);
    return call_and_log(redis, &call);
}

/* ---- reading ---- */

static struct call begin_read(const char *verb, const char *client, const char *run)
{
    struct call call = {.arena = arena_create()};
    put_exchange_keys(&call, "", client, false, run);
    put_verb(&call, verb, LEDGER_REDIS_CLOCK);
    return call;
}

bool ledger_redis_ready(struct ledger_redis *redis)
{
    struct call call = begin_read("ready", NULL, NULL);
    return call_script(redis, &call);
}

/* Triples: a second, its requests, its tokens. */
static void take_minute(const int64_t *numbers, size_t count, struct client_account *account)
{
    for (size_t i = 0; i + 2 < count; i += 3) {
        size_t slot = (uint64_t)numbers[i] % WINDOW_SECONDS;
        account->requests[slot] = (uint32_t)numbers[i + 1];
        account->tokens[slot] = (uint32_t)numbers[i + 2];
    }
}

bool ledger_redis_client(struct ledger_redis *redis, const char *client, struct client_account *account)
{
    struct call call = begin_read("client", client, NULL);
    const int64_t *numbers = call.answer.numbers;
    bool known = call_and_log(redis, &call);
    *account = (struct client_account){
        .concurrent = numbers[0],
        .reserved = numbers[1],
        .day = numbers[2],
        .month = numbers[3],
        .spent_day = numbers[4],
        .spent_month = numbers[5],
        .spent_total = numbers[6],
        .requests_day = numbers[7],
        .answer_tokens = numbers[8],
        .second = numbers[9],
    };
    if (call.answer.count > 10)
        take_minute(numbers + 10, call.answer.count - 10, account);
    return known;
}

bool ledger_redis_run(struct ledger_redis *redis, const char *name, struct run_account *account)
{
    struct call call = begin_read("run", NULL, name);
    const int64_t *numbers = call.answer.numbers;
    bool known = call_and_log(redis, &call);
    *account = (struct run_account){
        .reserved = numbers[0],
        .spent = numbers[1],
        .errors = numbers[2],
        .requests = numbers[3],
        .error_ms = numbers[4],
        .used_ms = numbers[5],
    };
    return known;
}

bool ledger_redis_run_reset_errors(struct ledger_redis *redis, const char *name)
{
    struct call call = begin_read("reset_errors", NULL, name);
    return call_and_log(redis, &call);
}
