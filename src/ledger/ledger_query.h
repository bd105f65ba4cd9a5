/* What stands in the ledger besides the open exchange: accounts, and notes that all processes of a host
 * share. */
#ifndef PENSTOCK_LEDGER_LEDGER_QUERY_H
#define PENSTOCK_LEDGER_LEDGER_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "ledger/quota.h"

struct ledger;

/* A run's account; zeros for one that nobody knows. False: the ledger is down. */
bool ledger_run(struct ledger *ledger, const char *run, const struct run_limits *limits,
                struct run_account *account) MUST_CHECK;
bool ledger_run_reset_errors(struct ledger *ledger, const char *run) MUST_CHECK;

/* A client's account; zeros for one that has never asked. */
bool ledger_client(struct ledger *ledger, const char *client, struct client_account *account) MUST_CHECK;

/* Can it be used now? Tries; why not is in `fault`, without paths and addresses. How many exchanges Redis has
 * not been told of is `owed`. */
bool ledger_works(struct ledger *ledger, const char **fault, int64_t *owed) MUST_CHECK;

/* Counts lines that wait for the usage log, and lines that are on standard error only. False: the ledger is
 * down. */
bool ledger_unlogged(struct ledger *ledger, int64_t *waiting, int64_t *lost) MUST_CHECK;

/* What all processes of this host remember in common under a short name, in up to LEDGER_NOTE_MAX bytes:
 * breakers and cool-downs. Of this host, for another's network is not ours, and nobody has to wait for Redis.
 */
#define LEDGER_NOTE_MAX 64

/* Fills `note` (zeros where there is none); false: the ledger is down. */
bool ledger_note(struct ledger *ledger, const char *name, void *note, size_t size) MUST_CHECK;

/* Changes it, all other processes kept out meanwhile: `change` gets it, and what it leaves is kept, unless it
 * returns false. It may be called more than once. False: the ledger is down. */
bool ledger_note_change(struct ledger *ledger, const char *name, void *note, size_t size,
                        bool (*change)(void *note, void *context), void *context) MUST_CHECK;

#endif
