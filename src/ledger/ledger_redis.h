/* The accounts of a whole fleet, in a Redis that all its hosts share.
 *
 * What claim.c does in memory one script does there, so that no two hosts can spend the same. A call that
 * cannot be made is false: the fault says why. */
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

/* Which clock counts: the server's, on which all hosts agree. Any other is for tests. */
#define LEDGER_REDIS_CLOCK (-1)

/* Opened in each process by itself, never before a fork; it connects when it is first used. */
struct ledger_redis *ledger_redis_open(const struct redis_address *address, const struct secret *password);
void ledger_redis_close(struct ledger_redis *redis);

/* Why the last call failed; NULL: it did not. */
const char *ledger_redis_fault(const struct ledger_redis *redis);

/* Is it left alone for now, because a call has failed? */
bool ledger_redis_pauses(const struct ledger_redis *redis);

/* Does it answer now? Unlike the others it leaves it to the caller to say so. */
bool ledger_redis_ready(struct ledger_redis *redis) MUST_CHECK;

/* As quota_reserve(), under a name that no other exchange of the fleet ever has. False: nobody knows whether
 * it was granted, and it is to be settled all the same. What is not settled within an hour is given back. */
bool ledger_redis_reserve(struct ledger_redis *redis, const char *id, const struct reservation *reservation,
                          int64_t now_ms, struct quota_status *quota_status, int64_t *reserved) MUST_CHECK;

/* As quota_settle(), of what was set aside under this name, if it was. Within an hour only the first call for
 * a name counts, so whoever does not know whether it was settled may settle it. */
bool ledger_redis_settle(struct ledger_redis *redis, const char *id, const struct settlement *settlement,
                         int64_t now_ms) MUST_CHECK;

/* As in ledger_look.h. */
bool ledger_redis_client(struct ledger_redis *redis, const char *client,
                         struct client_account *account) MUST_CHECK;
bool ledger_redis_run(struct ledger_redis *redis, const char *run, struct run_account *account) MUST_CHECK;
bool ledger_redis_run_reset_errors(struct ledger_redis *redis, const char *run) MUST_CHECK;

#endif
