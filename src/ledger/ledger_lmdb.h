/* The embedded store of the ledger: one file of LMDB, shared by every process of this host. */
#ifndef PENSTOCK_LEDGER_LEDGER_LMDB_H
#define PENSTOCK_LEDGER_LEDGER_LMDB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

struct failure;
struct ledger_lmdb;

/* One ordered table; the first byte of a key is its kind. */
#define LEDGER_KEY_MAX 500

struct ledger_key {
    size_t length;
    unsigned char bytes[LEDGER_KEY_MAX];
};

/* Bytes in the store: they hold until the next change and no longer than the transaction. */
struct ledger_bytes {
    const void *at; /* NULL: none */
    size_t length;
};

/* Opens ledger.mdb in `folder`, which it makes if need be; never before a fork. A file that is not ours, or
 * is damaged, is set aside under another name, which is logged. */
bool ledger_lmdb_open(const char *folder, struct ledger_lmdb **lmdb, struct failure *why) MUST_CHECK;
void ledger_lmdb_close(struct ledger_lmdb *lmdb);

/* After a transaction that failed: is the file to blame, so that another has to take its place? */
bool ledger_lmdb_is_broken(const struct ledger_lmdb *lmdb);

/* Moves the file out of the way, logging why, and closes `lmdb`. The next one to open makes a new file. */
void ledger_lmdb_set_aside(struct ledger_lmdb *lmdb);

/* Does the file still bear its name, and has it not been cut? If not, ledger_lmdb_leave() closes it. */
bool ledger_lmdb_is_current(const struct ledger_lmdb *lmdb);
void ledger_lmdb_leave(struct ledger_lmdb *lmdb);

/* A transaction: no other process is within one. Waits for its turn. A commit that is false has changed
 * nothing. */
bool ledger_lmdb_begin(struct ledger_lmdb *lmdb, struct failure *why) MUST_CHECK;
bool ledger_lmdb_commit(struct ledger_lmdb *lmdb, struct failure *why) MUST_CHECK;
void ledger_lmdb_abort(struct ledger_lmdb *lmdb);

/* The following are called within a transaction; what fails in them makes its commit fail. */

struct ledger_bytes ledger_lmdb_get(struct ledger_lmdb *lmdb, const struct ledger_key *key);

/* Room for `length` bytes under the key, with any contents; to be filled at once. NULL after a fault. */
void *ledger_lmdb_put(struct ledger_lmdb *lmdb, const struct ledger_key *key, size_t length);

/* Removing a key that is not there is no fault. */
void ledger_lmdb_remove(struct ledger_lmdb *lmdb, const struct ledger_key *key);

/* The first key that is `key` or comes after it, which `key` becomes. False: there is none. */
bool ledger_lmdb_seek(struct ledger_lmdb *lmdb, struct ledger_key *key, struct ledger_bytes *value);

#endif
