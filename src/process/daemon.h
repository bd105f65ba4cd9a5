/* The manners of a long-running program: descriptors, pid file, privileges, places it needs. */
#ifndef PENSTOCK_PROCESS_DAEMON_H
#define PENSTOCK_PROCESS_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/base.h"

struct failure;
struct settings;

/* Whom the workers run as. */
struct identity {
    bool change; /* false: as whoever started us */
    uid_t user;
    gid_t group;
};

struct pid_file {
    int descriptor; /* -1: none; holds the lock */
    char *path;
};

/* umask 027, and /dev/null where descriptor 0, 1 or 2 is closed, so that no later open() becomes one. */
void daemon_prepare(void);

/* Looks up `user` and `group` (default: the user's own). Root must name a user, and not root; anybody else
 * may name only themselves. */
bool daemon_find_identity(const struct settings *settings, struct identity *identity,
                          struct failure *why) MUST_CHECK;

/* For good: all supplementary groups, group and user, saved ids too; fails when root could be had back. */
bool daemon_drop_privileges(const struct identity *identity, struct failure *why) MUST_CHECK;

/* Locks `path` and writes our pid; fails while a live process holds it. "": no pid file. */
bool daemon_create_pid_file(const char *path, struct pid_file *file, struct failure *why) MUST_CHECK;
/* Unlinks it; the process that took it only. */
void daemon_remove_pid_file(struct pid_file *file);

/* Makes what is missing of the places that the settings name: one level of directories, and log files that
 * the workers can write. What cannot be made is logged; nothing that is there changes, but a log's owner. */
void daemon_create_paths(const struct settings *settings, const struct identity *identity);

/* Tells the service manager "READY=1" and the like (sd_notify(3)); nothing where there is none. */
void daemon_notify(const char *state);

#endif
