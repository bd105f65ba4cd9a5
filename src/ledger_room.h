/* Room on the disk for what is written through a map. */
#ifndef LEDGER_ROOM_H
#define LEDGER_ROOM_H

#include <stdbool.h>
#include <stdint.h>

/* Does the file system keep what was taken, so that no page of it can fail to be written? */
bool ledger_room_is_kept(int descriptor);

/* Takes room for these bytes of the file, whose length stays; returns errno, 0: it is there. */
int ledger_room_take(int descriptor, uint64_t from, uint64_t to);

#endif
