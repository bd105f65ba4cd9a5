/* Room on the disk for what is written through a map. */
#ifndef PENSTOCK_LEDGER_LEDGER_PREALLOC_H
#define PENSTOCK_LEDGER_LEDGER_PREALLOC_H

#include <stdbool.h>
#include <stdint.h>

/* By which a file grows: more than one transaction writes. */
#define LEDGER_PREALLOC_STEP ((uint64_t)1 << 20)

uint64_t ledger_prealloc_round(uint64_t size);

/* Does the file's system keep what was taken, so that no page of it can fail to be written? */
bool ledger_prealloc_is_kept(const char *path);

/* Takes room for these bytes of the file, whose length stays; returns errno, 0: it is there. */
int ledger_prealloc_take(int descriptor, uint64_t from, uint64_t to);

#endif
