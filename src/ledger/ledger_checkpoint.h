/* Checkpoints: lines at the beginning of a usage log that sum up all older logs, so that these may be
 * deleted. */
#ifndef PENSTOCK_LEDGER_LEDGER_CHECKPOINT_H
#define PENSTOCK_LEDGER_LEDGER_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct ledger;
struct usage_log;

/* Writes lines {"balance": {...}} with all accounts and sums to the open file of the log, if there are any
 * and the file was begun anew. No exchange is settled meanwhile, so every later line of the log counts on top
 * of them. Exceptions are exchanges that the checkpoint names as pending: the sums include them. */
void ledger_checkpoint_write(struct ledger *ledger, struct usage_log *log);

/* The same, if the last exchange that began found that the log was begun anew. Otherwise costs nothing. */
void ledger_checkpoint_write_when_due(struct ledger *ledger, struct usage_log *log);

/* Puts the accounts of one such line into the ledger, within a transaction; returns false if they cannot be
 * stored. */
bool ledger_checkpoint_read(struct ledger *ledger, struct arena *arena,
                            struct json_value checkpoint) MUST_CHECK;

/* True if this is the first line of its checkpoint. This line replaces all accounts. */
bool ledger_checkpoint_begins(struct json_value checkpoint);

/* Returns the ids of the records of pending exchanges as an array of strings. Version 0.1.0 wrote the time
 * and the id of the request, with a blank between them. */
struct json_value ledger_checkpoint_pending(struct json_value checkpoint);

#endif
