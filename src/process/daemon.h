/* What a daemon does besides serving: privileges, pid file, directories and log files, systemd. */
#ifndef PENSTOCK_PROCESS_DAEMON_H
#define PENSTOCK_PROCESS_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/base.h"

struct failure;
struct settings;

/* The account that workers run as. */
struct identity {
    bool change; /* false: the account that started us */
    uid_t user;
    gid_t group;
};

struct pid_file {
    int descriptor; /* -1: none; holds the lock */
    char *path;
};

/* Sets umask 027 and opens /dev/null where descriptor 0, 1 or 2 is closed, so that no later open() gets one
 * of these numbers. */
void daemon_prepare(void);

/* Looks up the settings `user` and `group` (default: the user's own). Started as root, a user other than root
 * must be set; otherwise the only user allowed is the one that started us. */
bool daemon_find_identity(const struct settings *settings, struct identity *identity,
                          struct failure *why) MUST_CHECK;

/* Changes all supplementary groups, group and user for good, saved ids too; fails if the process could become
 * root again. */
bool daemon_drop_privileges(const struct identity *identity, struct failure *why) MUST_CHECK;

/* Locks `path` and writes our pid into it; fails while a live process holds the lock. "": no pid file. */
bool daemon_create_pid_file(const char *path, struct pid_file *file, struct failure *why) MUST_CHECK;
/* Unlinks it. Only in the process that created it. */
void daemon_remove_pid_file(struct pid_file *file);

/* Creates what is missing of the paths in the settings: one level of directories, and log files that workers
 * can write. Failures are logged. Of what exists, only the owner of a log file changes. */
void daemon_create_paths(const struct settings *settings, const struct identity *identity);

/* Sends "READY=1" and the like to systemd (sd_notify(3)); without systemd it does nothing. */
void daemon_notify(const char *state);

#endif
