/* Identifies a process: a process id that stays unique. */
#ifndef PENSTOCK_BASE_PROCESS_IDENTITY_H
#define PENSTOCK_BASE_PROCESS_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

/* Plain data without padding, because identities are stored and compared byte by byte. */
struct process_identity {
    uint64_t boot, space; /* digests of the boot id and of the namespace of process ids */
    int64_t start, pid;   /* start: in clock ticks since the boot (proc(5), stat, field 22) */
};

/* Returns the identity of this process; to be called after the fork. Without /proc, all members except the
 * process id are 0. */
struct process_identity process_identity_self(void);

/* Returns a number for the identity, which is equal for equal identities and hardly for others. */
uint64_t process_identity_digest(const struct process_identity *name);

enum process_state { PROCESS_ALIVE, PROCESS_DEAD, PROCESS_ELSEWHERE };

/* Reports whether a process is alive; `own` is this process. PROCESS_ELSEWHERE means unknown, because the
 * process is hidden or in another namespace. */
enum process_state process_identity_state(const struct process_identity *name,
                                          const struct process_identity *own);

#endif
