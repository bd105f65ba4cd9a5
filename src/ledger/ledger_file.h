/* The ledger's two files in their folder, before anything is known of what is in them. */
#ifndef PENSTOCK_LEDGER_LEDGER_FILE_H
#define PENSTOCK_LEDGER_LEDGER_FILE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#define LEDGER_FILE_PATH_SIZE 4096
#define LEDGER_FILE_NOT_ORDINARY ENOTBLK /* as a code of our own */

/* Makes sure that both are ordinary files or none yet, and that the lock has room for `lock_size` bytes. 0,
 * or what is wrong, as of errno. */
int ledger_file_prepare(const char *path, size_t lock_size) MUST_CHECK;

/* Locks the folder: one process at a time opens the ledger, replaces it or removes a file. A ledger and the
 * lock file of another would be two ledgers in one. And LMDB must not be opened by two processes at once: the
 * first one to open it prepares the lock file, and if that process is killed, those that wait for it within
 * LMDB go on with a lock file that is half prepared. They would number their transactions from 1 again, and
 * the last one that was committed before could be lost. */
int ledger_file_lock(const char *path);
void ledger_file_unlock(int lock);

/* Which lock lies there; 0: none. */
uint64_t ledger_file_lock_inode(const char *path);

/* Removes a lock whose ledger has gone: a new ledger under it would be mixed up with the old one, which
 * others may still have open. Only with the folder locked for oneself. */
void ledger_file_drop_lock(const char *path);

/* In bytes; 0: nothing is there. */
uint64_t ledger_file_length(const char *path);

/* Is nothing there, or nothing in it? */
bool ledger_file_is_empty(const char *path);

/* Makes room for a new one where there is none, an empty one, or one that was made just now by mistake. */
void ledger_file_clear(const char *path);

/* Gives it another name, and says why. */
void ledger_file_set_aside(const char *path, const char *because);

/* What root has made is the folder's owner's: a command must not take it away from the workers. */
void ledger_file_give(const char *path);

/* Was it last written before the machine was started? */
bool ledger_file_is_from_before(const char *path);

#endif
