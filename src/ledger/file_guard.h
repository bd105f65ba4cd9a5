/* Sets the ledger's file aside if it brings this process down. */
#ifndef PENSTOCK_LEDGER_FILE_GUARD_H
#define PENSTOCK_LEDGER_FILE_GUARD_H

#include <stdint.h>

/* Until file_guard_end(), a fault of this thread is blamed on the file. The process sets the file aside
 * before it dies, unless the path names another inode than `inode` by then. Otherwise the same page would
 * kill the next process, too. The caller holds the writer's lock: the file is not guarded while a process
 * waits. The path must outlive the guard. */
void file_guard_begin(const char *path, uint64_t inode);
void file_guard_end(void);

#endif
