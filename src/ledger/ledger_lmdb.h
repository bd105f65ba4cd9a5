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

/* Opens ledger.mdb in `folder`, making it if need be; after the fork only. A file that is none of ours or is
 * torn is set aside under another name, which is logged. */
bool ledger_lmdb_open(const char *folder, struct ledger_lmdb **lmdb, struct failure *why) MUST_CHECK;
void ledger_lmdb_close(struct ledger_lmdb *lmdb);

/* After a fault: is it the file's, so that another has to take its place? Is it still the one of
 * that name, and as long as it was? */
bool ledger_lmdb_is_broken(const struct ledger_lmdb *lmdb);
bool ledger_lmdb_is_current(const struct ledger_lmdb *lmdb);

/* Closes one that is not. */
void ledger_lmdb_leave(struct ledger_lmdb *lmdb);

/* Moves the file out of the way, logging why; what is opened after is fresh. Closes `lmdb`. */
void ledger_lmdb_set_aside(struct ledger_lmdb *lmdb);

/* All else happens between these two, everybody else being kept out. Commit false: nothing has changed. */
bool ledger_lmdb_begin(struct ledger_lmdb *lmdb, struct failure *why) MUST_CHECK;
bool ledger_lmdb_commit(struct ledger_lmdb *lmdb, struct failure *why) MUST_CHECK;
void ledger_lmdb_abort(struct ledger_lmdb *lmdb);

/* Faults within a transaction are remembered and come out at its commit. */
struct ledger_bytes ledger_lmdb_get(struct ledger_lmdb *lmdb, const struct ledger_key *key);
/* Room for `length` bytes under the key, zeroed or not; to be filled at once. NULL after a fault. */
void *ledger_lmdb_put(struct ledger_lmdb *lmdb, const struct ledger_key *key, size_t length);
void ledger_lmdb_remove(struct ledger_lmdb *lmdb, const struct ledger_key *key);
/* The first key that is `key` or comes after it, which it becomes; false: there is none. */
bool ledger_lmdb_seek(struct ledger_lmdb *lmdb, struct ledger_key *key, struct ledger_bytes *value);
void ledger_lmdb_clear(struct ledger_lmdb *lmdb);

#endif
