/* The accounts of a whole fleet, in a Redis that all its hosts share.
 *
 * A script does there what quota.c does in memory, in one step, so that two hosts cannot spend the same
 * money. A function returns false if its call failed: ledger_redis_fault() says why. */
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
struct redis_address;
struct secret;
struct settlement;

/* As `now_ms`: the clock of the Redis server, on which all hosts agree. Other times are for tests. */
#define LEDGER_REDIS_CLOCK (-1)

/* Opened in each process by itself, never before a fork. Connects with the first call. */
struct ledger_redis *ledger_redis_open(const struct redis_address *address, const struct secret *password);
void ledger_redis_close(struct ledger_redis *redis);

/* Why the last call failed; NULL: it succeeded. */
const char *ledger_redis_fault(const struct ledger_redis *redis);

/* Is Redis left alone for now, because a call has failed? */
bool ledger_redis_pauses(const struct ledger_redis *redis);

/* Does Redis answer now? Unlike the other calls it logs nothing. */
bool ledger_redis_ready(struct ledger_redis *redis) MUST_CHECK;

/* As quota_reserve(), under a name that no other exchange of the fleet ever has. False: it is unknown whether
 * there is a reservation now, and the exchange has to be settled all the same. A reservation that is not
 * settled within an hour is released. */
bool ledger_redis_reserve(struct ledger_redis *redis, const char *id, const struct reservation *reservation,
                          int64_t now_ms, struct quota_status *quota_status, int64_t *reserved) MUST_CHECK;

/* As quota_settle(), for the reservation under this name, if there is one. Within an hour only the first call
 * for a name counts, so it may be repeated. */
bool ledger_redis_settle(struct ledger_redis *redis, const char *id, const struct settlement *settlement,
                         int64_t now_ms) MUST_CHECK;

/* As in ledger_query.h. */
bool ledger_redis_client(struct ledger_redis *redis, const char *client,
                         struct client_account *account) MUST_CHECK;
bool ledger_redis_run(struct ledger_redis *redis, const char *run, struct run_account *account) MUST_CHECK;
bool ledger_redis_run_reset_errors(struct ledger_redis *redis, const char *run) MUST_CHECK;

#endif
