/* What becomes of the ledger's file when a process dies of what is in it. */
#ifndef PENSTOCK_LEDGER_LEDGER_CRASH_H
#define PENSTOCK_LEDGER_LEDGER_CRASH_H

#include <stdint.h>

/* From here on a fault of memory is taken for one of this file, which is set aside before the process dies of
 * it, so that nobody else will, unless by then the path names another file than that of `inode`. The path
 * must last until the end. */
void ledger_crash_guard_enter(const char *path, uint64_t inode);
void ledger_crash_guard_leave(void);

#endif
