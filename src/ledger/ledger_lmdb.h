/* The embedded store of the ledger: one file of LMDB, shared by every process of this host. */
#ifndef PENSTOCK_LEDGER_LEDGER_LMDB_H
#define PENSTOCK_LEDGER_LEDGER_LMDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct failure;
struct ledger_lmdb;

/* One ordered table; the first byte of a key is its kind. */
#define LEDGER_KEY_MAX 500

struct ledger_key {
    size_t length;
    unsigned char bytes[LEDGER_KEY_MAX];
};

/* Bytes in the store, valid until the next change and no longer than the transaction. */
struct ledger_bytes {
    const void *at; /* NULL: none */
    size_t length;
};

/* Opens ledger.mdb in `folder`, and makes it if need be; never before a fork. Sets a damaged or foreign
 * file aside under another name, and logs that. */
bool ledger_lmdb_open(const char *folder, struct ledger_lmdb **lmdb, struct failure *why) MUST_CHECK;

/* Opens ledger.mdb only to read it: makes, repairs and changes no file, and needs no right to write. `*lmdb`
 * is NULL if there is no ledger yet. */
bool ledger_lmdb_look(const char *folder, struct ledger_lmdb **lmdb, struct failure *why) MUST_CHECK;
void ledger_lmdb_close(struct ledger_lmdb *lmdb);

/* Marks the file as used by this process until it closes the file or dies, and asks whether another process
 * has such a mark. The kernel keeps the marks, so that they are right for processes of other containers as
 * well, which cannot be seen. lacks_mark() is false if marks are not possible here. */
void ledger_lmdb_mark(struct ledger_lmdb *lmdb, uint64_t mark);
bool ledger_lmdb_lacks_mark(const struct ledger_lmdb *lmdb, uint64_t mark) MUST_CHECK;

/* After a failed transaction: true if the file is the cause and has to be replaced. */
bool ledger_lmdb_is_broken(const struct ledger_lmdb *lmdb);

/* Renames the file, logs why, and closes `lmdb`. The next process to open the ledger makes a new file. */
void ledger_lmdb_set_aside(struct ledger_lmdb *lmdb);

/* True if the file still has its name and has not been cut. Otherwise ledger_lmdb_leave() closes the file. */
bool ledger_lmdb_is_current(const struct ledger_lmdb *lmdb);
void ledger_lmdb_leave(struct ledger_lmdb *lmdb);

/* A transaction: only one process at a time has one, and the others wait. A commit that returns false has
 * changed nothing. */
bool ledger_lmdb_begin(struct ledger_lmdb *lmdb, struct failure *why) MUST_CHECK;
bool ledger_lmdb_commit(struct ledger_lmdb *lmdb, struct failure *why) MUST_CHECK;
void ledger_lmdb_abort(struct ledger_lmdb *lmdb);

/* The following functions are called within a transaction. An error in them makes the commit fail. */

struct ledger_bytes ledger_lmdb_get(struct ledger_lmdb *lmdb, const struct ledger_key *key);

/* Returns room for `length` uninitialized bytes under the key, which the caller fills at once; NULL after a
 * fault. */
void *ledger_lmdb_put(struct ledger_lmdb *lmdb, const struct ledger_key *key, size_t length);

/* Removing a missing key is not an error. */
void ledger_lmdb_remove(struct ledger_lmdb *lmdb, const struct ledger_key *key);

/* Sets `key` to the first key that is equal to it or comes after it. Returns false if there is none. */
bool ledger_lmdb_seek(struct ledger_lmdb *lmdb, struct ledger_key *key, struct ledger_bytes *value);

#endif
