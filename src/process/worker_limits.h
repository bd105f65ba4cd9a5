/* Limits of a process that serves requests: private memory, open files. */
#ifndef PENSTOCK_PROCESS_WORKER_LIMITS_H
#define PENSTOCK_PROCESS_WORKER_LIMITS_H

#include <stddef.h>
#include <stdint.h>

struct settings;

/* What a request needs on its stack: cJSON descends up to 1,000 levels, with about 200 bytes each. Only pages
 * that are touched take memory. */
#define WORKER_STACK ((size_t)512 * 1024)

/* Applies limits.memory to this process, which serves up to `exchanges` requests at a time. */
void worker_limit_memory(const struct settings *settings, size_t exchanges);

/* Returns the private memory of this process in bytes; 0: unknown. */
int64_t worker_private_memory(void);

/* Raises the limit of open files as far as the system allows. */
void worker_allow_files(void);

#endif
