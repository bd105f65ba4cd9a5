/* The master of a mounting and its workers, seen from outside. */
#ifndef SERVERS_WORKERS_H
#define SERVERS_WORKERS_H

#include <stddef.h>
#include <sys/types.h>

#define WORKERS_MAX 1024

struct site;

pid_t master_pid(const struct site *site);

/* The children of the master; how many there are. */
size_t workers_list(const struct site *site, pid_t pids[static WORKERS_MAX]);

/* Private memory in KiB (Private_Clean and Private_Dirty of smaps_rollup, proc(5)); 0: it is gone. */
long worker_private_kb(pid_t pid);

#endif
