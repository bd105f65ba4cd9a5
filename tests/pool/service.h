/* A master under test: its folder, its settings, its log, its workers. */
#ifndef POOL_STAGE_H
#define POOL_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../kit/expect.h"

#define PATIENCE_MS 10000
#define MOST_WORKERS 512

/* One folder and one binary a check; what a check starts dies with it. */
struct stage {
    const char *binary, *provider;                                              /* programs */
    char *folder, *address, *config, *errors, *usage, *pid_file, *said, *crash; /* paths in the folder */
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

void stage_prepare(struct stage *stage, const char *binary, const char *provider, const char *folder);

/* Writes penstock.conf: the paths of the folder, a user where we are root, and `settings`. */
void stage_configure(const struct stage *stage, const char *settings);
/* Starts `penstock serve` on what was configured. What it says before the log is open goes to `said`. */
void stage_launch(struct stage *stage);
/* Both, and waits until the first generation serves. */
void stage_start(struct stage *stage, const char *settings);
/* Starts any other command line on the same file; `in` becomes descriptor 0. */
pid_t stage_launch_other(const struct stage *stage, const char *const *arguments, int in);

/* Waits for the master's end: its exit status, or 1000 and the signal that ended it. */
int stage_wait_end(struct stage *stage);
/* SIGTERM, and it must end well. */
void stage_stop(struct stage *stage);

/* How often the words stand in a file of the folder. */
size_t stage_count_words(const char *path, const char *words);
/* The port that the service listens on by TCP, as its log says: 0 was asked for. */
unsigned stage_port(const struct stage *stage);
bool stage_logged(const struct stage *stage, const char *words);

/* The children of the master. */
size_t stage_workers(const struct stage *stage, pid_t pids[static MOST_WORKERS]);
size_t stage_worker_count(const struct stage *stage);
bool process_is_there(pid_t pid);

#endif
