/* The duties of a daemon besides serving: privileges, pid file, directories and log files, systemd. */
#ifndef PENSTOCK_PROCESS_DAEMON_H
#define PENSTOCK_PROCESS_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/base.h"

struct failure;
struct settings;

/* The account that workers run as. */
struct identity {
    bool change; /* false: workers keep the account that started us */
    uid_t user;
    gid_t group;
};

struct pid_file {
    int descriptor; /* -1: none; holds the lock */
    char *path;
};

/* Sets umask 027 and opens /dev/null for each of the descriptors 0, 1 and 2 that is closed, so that no later
 * open() returns one of them. */
void daemon_prepare(void);

/* Looks up the settings `user` and `group` (default: the user's primary group). If root started us, the
 * setting must name a user other than root; otherwise it can only name the user that started us. */
bool daemon_find_identity(const struct settings *settings, struct identity *identity,
                          struct failure *why) MUST_CHECK;

/* Changes the supplementary groups, the group and the user permanently, including the saved ids. Fails if the
 * process could become root again. */
bool daemon_drop_privileges(const struct identity *identity, struct failure *why) MUST_CHECK;

/* Locks `path` and writes our pid into it. Fails while a live process holds the lock. Does nothing if `path`
 * is "". */
bool daemon_create_pid_file(const char *path, struct pid_file *file, struct failure *why) MUST_CHECK;
/* Unlinks the pid file. Must be called in the process that created it. */
void daemon_remove_pid_file(struct pid_file *file);

/* Creates the missing paths of the settings: one level of directories, and log files that workers can write.
 * Failures are logged. Of the existing paths, only log files and the empty directories of a fresh
 * installation are given a new owner. */
void daemon_create_paths(const struct settings *settings, const struct identity *identity);

/* Sends a state such as "READY=1" to systemd (sd_notify(3)). Does nothing without systemd. */
void daemon_notify(const char *state);

#endif
