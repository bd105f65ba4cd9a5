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

/* True if there is no ledger yet, and this process only looks (ledger_open_to_read()). */
bool ledger_is_absent(const struct ledger *ledger) MUST_CHECK;

/* Counts lines that wait for the usage log, and lines that went to standard error only. False: the ledger
 * is down. */
bool ledger_unlogged(struct ledger *ledger, int64_t *waiting, int64_t *lost) MUST_CHECK;

/* Notes: up to LEDGER_NOTE_MAX bytes under a short name, for breakers and cool-downs. Notes are in the file
 * even if Redis is configured: another host has another network, and no request has to wait for Redis. */
#define LEDGER_NOTE_MAX 128
#define LEDGER_NOTE_NAME_MAX 127 /* bytes of a name; longer names are cut */

struct ledger_note {
    const char *name;
    void *bytes; /* `size` bytes; zeros stand for a note that does not exist */
    size_t size;
};

/* Fills the notes, all from the same moment. Returns false if the ledger is down. */
bool ledger_notes_read(struct ledger *ledger, const struct ledger_note *notes, size_t count) MUST_CHECK;

/* Fills the notes and calls `change` within a transaction. Stores the notes whose bits are set in the result
 * of `change`; a note of zeros is removed. Returns false if the ledger is down. */
bool ledger_notes_change(struct ledger *ledger, const struct ledger_note *notes, size_t count,
                         unsigned (*change)(void *context), void *context) MUST_CHECK;

/* Visits all notes, in the order of their names, and removes those for which `visit` returns true. `bytes`
 * are not aligned. Returns false if the ledger is down. */
bool ledger_notes_walk(struct ledger *ledger,
                       bool (*visit)(void *context, const char *name, const void *bytes, size_t size),
                       void *context) MUST_CHECK;

#endif
