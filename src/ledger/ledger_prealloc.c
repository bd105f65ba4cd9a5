/* Room on the disk for what is written through a map.
 *
 * A page of a map that the disk has no room for ends the process by SIGBUS. Where a file system overwrites in
 * place, room that was taken once is there for good. One that writes each change to a new place (btrfs, ZFS,
 * XFS with copies that share their blocks) promises no such thing, and what lies below an overlay is not
 * known: those that do are named. */
#include "ledger/ledger_prealloc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

uint64_t ledger_prealloc_round(uint64_t size)
{
    return (size + LEDGER_PREALLOC_STEP - 1) / LEDGER_PREALLOC_STEP * LEDGER_PREALLOC_STEP;
}

bool ledger_prealloc_is_kept(const char *path)
{
    struct statfs system;
    return statfs(path, &system) == 0 && (system.f_type == EXT4_SUPER_MAGIC || system.f_type == TMPFS_MAGIC);
}

int ledger_prealloc_take(int descriptor, uint64_t from, uint64_t to)
{
    int failed;
    do
        failed = fallocate(descriptor, FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)(to - from));
    while (failed && errno == EINTR);
    return failed ? errno : 0;
}
