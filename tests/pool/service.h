/* A master under test: its folder, its settings, its log, its workers. */
#ifndef POOL_SERVICE_H
#define POOL_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../kit/expect.h"

#define PATIENCE_MS 10000
#define WORKERS_MAX 512

/* One folder and one binary a check; what a check starts dies with it. */
struct service {
    const char *binary, *provider;                                                 /* programs */
    char *folder, *address, *config, *errors, *usage, *pid_file, *console, *crash; /* paths in the folder */
    pid_t master;
};

/* As EXPECT, but the condition has time to become true; once is enough. */
#define EXPECT_SOON(condition, ...)                                                                          \
    do {                                                                                                     \
        bool seen_ = (condition);                                                                            \
        for (int64_t end_ = now_ms() + PATIENCE_MS; !seen_ && now_ms() < end_; seen_ = (condition))          \
            rest();                                                                                          \
        if (!seen_)                                                                                          \
            check_failed(#condition, __VA_ARGS__);                                                           \
    } while (0)

/* Ends the check as impossible here. */
_Noreturn void check_cannot_run(const char *why);

void service_prepare(struct service *service, const char *binary, const char *provider, const char *folder);

/* Writes penstock.conf: the paths of the folder, a user where we are root, and `settings`. */
void service_configure(const struct service *service, const char *settings);
/* Starts `penstock serve` on what was configured. What it says before the log is open goes to `console`. */
void service_launch(struct service *service);
/* Both, and waits until the first generation serves. */
void service_start(struct service *service, const char *settings);
/* Starts any other command line on the same file; `in` becomes descriptor 0. */
pid_t service_launch_command(const struct service *service, const char *const *arguments, int in);

/* Waits for the master's end: its exit status, or 1000 and the signal that ended it. */
int service_wait_end(struct service *service);
/* SIGTERM, and it must end well. */
void service_stop(struct service *service);

/* How often the words stand in a file of the folder. */
size_t count_in_file(const char *path, const char *words);
/* The port that the service listens on by TCP, as its log says: 0 was asked for. */
unsigned service_port(const struct service *service);
bool service_has_logged(const struct service *service, const char *words);

/* The children of the master. */
size_t service_workers(const struct service *service, pid_t pids[static WORKERS_MAX]);
size_t service_worker_count(const struct service *service);
bool process_exists(pid_t pid);

#endif
