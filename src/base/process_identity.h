/* Which process, told apart from all that ever had its number. */
#ifndef PENSTOCK_BASE_PROCESS_IDENTITY_H
#define PENSTOCK_BASE_PROCESS_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

/* Plain data without gaps: it is stored, and compared byte by byte. */
struct process_identity {
    uint64_t boot, space; /* of the machine's run and the space of process ids, digested */
    int64_t start, pid;   /* start: in clock ticks since the boot (proc(5), stat, field 22) */
};

/* This process; call it after the fork. Where there is no /proc, what it would say is 0. */
struct process_identity process_identity_self(void);

enum process_state { PROCESS_ALIVE, PROCESS_DEAD, PROCESS_ELSEWHERE };

/* `own` is this process. ELSEWHERE: in another space of process ids, or hidden from us: we cannot tell. */
enum process_state process_identity_state(const struct process_identity *name,
                                          const struct process_identity *own);

#endif
