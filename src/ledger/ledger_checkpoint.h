/* How the accounts stand, written into a usage log that begins: what came before may then be thrown away. */
#ifndef PENSTOCK_LEDGER_LEDGER_CHECKPOINT_H
#define PENSTOCK_LEDGER_LEDGER_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct ledger;
struct usage_log;

/* Writes lines {"balance": {...}} with all accounts and sums, if there are any and the log is empty. Nobody
 * can settle meanwhile, so every later line of the log counts on top of them, but those of the exchanges they
 * name as pending, which are in the sums already. */
void ledger_checkpoint_write(struct ledger *ledger, struct usage_log *log);

/* Puts the accounts of one such line into the ledger, within a transaction; false when it is no balance. */
bool ledger_checkpoint_read(struct ledger *ledger, struct arena *arena, struct json_value balance) MUST_CHECK;

/* Is it the first line of its balance, so that whatever stood in the ledger before counts no more? */
bool ledger_checkpoint_begins(struct json_value balance);

/* What it calls an exchange that is pending: an id alone is the client's choice, and may come again. */
#define PENDING_NAME_SIZE 256
void ledger_checkpoint_name(int64_t wall_us, const char *request_id, char name[static PENDING_NAME_SIZE]);

/* The names of the exchanges that are pending, an array of strings. */
struct json_value ledger_checkpoint_pending(struct json_value balance);

#endif
