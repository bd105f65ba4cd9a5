/* The ledger's file and its lock file, without regard to their contents. */
#ifndef PENSTOCK_LEDGER_LEDGER_FILE_H
#define PENSTOCK_LEDGER_LEDGER_FILE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#define LEDGER_FILE_PATH_SIZE 4096
#define LEDGER_FILE_NOT_ORDINARY ENOTBLK /* as a code of our own */

/* The file's name now refers to another file. */
#define LEDGER_FILE_REPLACED ESTALE

/* The step by which the file grows; one transaction writes less. */
#define LEDGER_FILE_STEP ((uint64_t)1 << 20)

/* Locks the folder: one process at a time opens the ledger, replaces it or removes a file. Waits. */
int ledger_file_lock(const char *path);
void ledger_file_unlock(int lock);

/* Root opens the files of another account with the rights of that account, the owner of the folder: otherwise
 * the account could make root write to any file, by a link in the place of one of these. What is made
 * meanwhile belongs to that account. For other users both do nothing. */
void ledger_file_act_as_owner(const char *path);
void ledger_file_act_as_ourselves(void);

/* Checks that both are ordinary files without a second name, or missing, and allocates the lock file, of
 * `lock_size` bytes if it is new. Returns 0, or what is wrong as an errno. */
int ledger_file_prepare(const char *path, size_t lock_size) MUST_CHECK;

/* True if the file is an ordinary one without a second name, or missing. */
bool ledger_file_is_ordinary(const char *path);

/* True if this process may use the existing lock file. */
bool ledger_file_can_lock(const char *path);

/* The inode of the lock file; 0: there is none. */
uint64_t ledger_file_lock_inode(const char *path);

/* Bytes in the file; 0: there is none. */
uint64_t ledger_file_length(const char *path);

/* True if the file is missing or empty. */
bool ledger_file_is_empty(const char *path);

/* True if the file was last written before the machine was started. */
bool ledger_file_is_from_before_boot(const char *path);

/* Remove both files, or the lock file of a ledger that no longer exists. The caller holds the folder lock. */
void ledger_file_remove(const char *path);
void ledger_file_remove_lock(const char *path);

/* Renames the file, logging `because`, and removes the lock file. */
void ledger_file_set_aside(const char *path, const char *because);

/* Rounds `size` up to the steps by which the file grows. */
uint64_t ledger_file_round(uint64_t size);

/* True if the file system keeps allocated bytes in place, so that writing to them through a map cannot
 * fail. */
bool ledger_file_is_in_place(const char *path);

/* Allocates these bytes without changing the length of the file. Returns 0 or an errno. */
int ledger_file_allocate(int descriptor, uint64_t from, uint64_t to) MUST_CHECK;

#endif
