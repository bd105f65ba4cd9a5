/* Reads the accounts in the ledger, and reads and changes notes that all processes of a host share. */
#ifndef PENSTOCK_LEDGER_LEDGER_QUERY_H
#define PENSTOCK_LEDGER_LEDGER_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "ledger/quota.h"

struct ledger;

/* The account of a run; zeros if the run is unknown. False: the ledger is down. */
bool ledger_run(struct ledger *ledger, const char *run, const struct run_limits *limits,
                struct run_account *account) MUST_CHECK;
/* Sets the errors of a run to 0; an unknown run stays unknown. False: the ledger is down. */
bool ledger_run_reset_errors(struct ledger *ledger, const char *run) MUST_CHECK;

/* The account of a client; zeros if it has made no request yet. False: the ledger is down. */
bool ledger_client(struct ledger *ledger, const char *client, struct client_account *account) MUST_CHECK;

/* Returns true if the ledger can be used now, which this call tries. `fault` is the reason why not, without
 * paths and addresses. `owed` is the number of exchanges whose outcome Redis does not have yet. */
bool ledger_works(struct ledger *ledger, const char **fault, int64_t *owed) MUST_CHECK;

/* Counts lines that wait for the usage log, and lines that went to standard error only. False: the ledger
 * is down. */
bool ledger_unlogged(struct ledger *ledger, int64_t *waiting, int64_t *lost) MUST_CHECK;

/* Notes: up to LEDGER_NOTE_MAX bytes under a short name, for breakers and cool-downs. Notes are in the file
 * even if Redis is configured: another host has another network, and no request has to wait for Redis. */
#define LEDGER_NOTE_MAX 64

/* Fills `note`, with zeros if there is none. Returns false if the ledger is down. */
bool ledger_note(struct ledger *ledger, const char *name, void *note, size_t size) MUST_CHECK;

/* Calls `change` with the note within a transaction and stores the changed note, unless `change` returns
 * false. False: the ledger is down. */
bool ledger_note_change(struct ledger *ledger, const char *name, void *note, size_t size,
                        bool (*change)(void *note, void *context), void *context) MUST_CHECK;

#endif
