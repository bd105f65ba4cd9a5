/* Limits of a process that serves requests: private memory, open files. */
#include "process/worker_limits.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "config/settings_types.h"

#define STACK_GUARD 65536 /* at most a page */

/* RLIMIT_DATA counts private memory only, not the ledger's map and the libraries, which processes share. It
 * counts what is reserved, such as a whole stack, although only a few pages of it are used. A worker that
 * serves several requests shall leave before it reaches the limit, which would end all of them. */
void worker_limit_memory(const struct settings *settings, size_t exchanges)
{
    struct rlimit limit;
    if (settings->memory_max == 0)
        return;
    getrlimit(RLIMIT_DATA, &limit);
    limit.rlim_cur = (rlim_t)settings->memory_max * (exchanges > 1 ? 4 : 1) +
                     exchanges * (WORKER_STACK + STACK_GUARD);
    setrlimit(RLIMIT_DATA, &limit);
}

/* proc(5), "statm" */
int64_t worker_private_memory(void)
{
    long long size = 0, resident = 0, shared = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return 0;
    if (fscanf(file, "%lld %lld %lld", &size, &resident, &shared) != 3)
        resident = shared = 0;
    fclose(file);
    return (resident - shared) * sysconf(_SC_PAGESIZE);
}

/* The limit that programs start with is often 1024. */
void worker_allow_files(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}
