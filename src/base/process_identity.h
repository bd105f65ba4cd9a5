/* Which process: a process id that stays unique. */
#ifndef PENSTOCK_BASE_PROCESS_IDENTITY_H
#define PENSTOCK_BASE_PROCESS_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

/* Plain data without gaps: it is stored, and compared byte by byte. */
struct process_identity {
    uint64_t boot, space; /* digests of the boot id and of the namespace of process ids */
    int64_t start, pid;   /* start: in clock ticks since the boot (proc(5), stat, field 22) */
};

/* This process; to be called after the fork. Without /proc, all but the process id is 0. */
struct process_identity process_identity_self(void);

enum process_state { PROCESS_ALIVE, PROCESS_DEAD, PROCESS_ELSEWHERE };

/* Whether a process lives; `own` is this process. PROCESS_ELSEWHERE: it cannot be told, because the process
 * is in another namespace or hidden. */
enum process_state process_identity_state(const struct process_identity *name,
                                          const struct process_identity *own);

#endif
