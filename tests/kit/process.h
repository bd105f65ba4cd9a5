/* Programs that a test starts, and ends. */
#ifndef KIT_PROCESS_H
#define KIT_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct launch {
    const char *const *arguments; /* the first is the program's path */
    char *const *environment;
    int in, out, err; /* become 0, 1, 2; -1: /dev/null */
};

/* Milliseconds since an arbitrary start (CLOCK_MONOTONIC). */
int64_t now_ms(void);

/* A short pause while polling. */
void rest(void);

/* Starts a program; the kernel kills it when we die. Every other descriptor of ours is closed in it. */
pid_t process_start(const struct launch *launch);

/* Waits up to `ms` for its end: the wait status; -1: it still runs. */
int process_wait(pid_t pid, int64_t ms);

/* SIGTERM, and SIGKILL after `ms` milliseconds. Returns the wait status. */
int process_stop(pid_t pid, int64_t ms);

/* How many files a process has open; 0: the process has ended. */
size_t process_descriptors(pid_t pid);

/* "exit status 1", "signal 11 (Segmentation fault)"; static storage. */
const char *process_end_words(int status);

#endif
