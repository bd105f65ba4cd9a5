/* The accounts of a whole fleet, in a Redis that all its hosts share.
 *
 * A script in Redis does in one step what quota.c does in memory, so that two hosts cannot spend the same
 * money. A function returns false if its call failed; ledger_redis_fault() returns the reason. */
#ifndef PENSTOCK_LEDGER_LEDGER_REDIS_H
#define PENSTOCK_LEDGER_LEDGER_REDIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "ledger/quota.h"

struct reservation;
struct failure;
struct ledger_redis;
struct loop;
struct redis_address;
struct secret;
struct settlement;

/* As `now_ms`: use the clock of the Redis server, which all hosts share. Other times are for tests. */
#define LEDGER_REDIS_CLOCK (-1)

/* Each process opens the link for itself, never before a fork. The first call connects. */
struct ledger_redis *ledger_redis_open(const struct redis_address *address, const struct secret *password);
void ledger_redis_close(struct ledger_redis *redis);

/* From now on calls wait in `loop`. */
void ledger_redis_wait_in(struct ledger_redis *redis, struct loop *loop);

/* Returns why the last call failed, NULL if it succeeded. */
const char *ledger_redis_fault(const struct ledger_redis *redis);

/* True while Redis is not called, because a call has failed. */
bool ledger_redis_pauses(const struct ledger_redis *redis);

/* True if Redis answers now. Unlike the other calls, logs nothing. */
bool ledger_redis_ready(struct ledger_redis *redis) MUST_CHECK;

/* As quota_reserve(), under an id that is unique in the fleet. Returns false if it is unknown whether there
 * is a reservation; the exchange must be settled in this case, too. A reservation that is not settled
 * within an hour is released. */
bool ledger_redis_reserve(struct ledger_redis *redis, const char *id, const struct reservation *reservation,
                          int64_t now_ms, struct quota_status *quota_status, int64_t *reserved) MUST_CHECK;

/* As quota_settle(), for the reservation under this id, if there is one. Within an hour only the first call
 * for an id counts, so the call may be repeated. */
bool ledger_redis_settle(struct ledger_redis *redis, const char *id, const struct settlement *settlement,
                         int64_t now_ms) MUST_CHECK;

/* As in ledger_query.h. */
bool ledger_redis_client(struct ledger_redis *redis, const char *client,
                         struct client_account *account) MUST_CHECK;
bool ledger_redis_run(struct ledger_redis *redis, const char *run, struct run_account *account) MUST_CHECK;
bool ledger_redis_run_reset_errors(struct ledger_redis *redis, const char *run) MUST_CHECK;

#endif
