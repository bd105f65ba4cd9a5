/* Users and groups of the system, by name or number. */
#ifndef PENSTOCK_PROCESS_OS_USER_H
#define PENSTOCK_PROCESS_OS_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/base.h"

struct failure;

/* Looks up a user and its primary group, by name or number. A number needs no entry in the user database;
 * without an entry the group has the same number. */
bool os_user_find(const char *name, uid_t *user, gid_t *group, struct failure *why) MUST_CHECK;
bool os_user_find_group(const char *name, gid_t *group, struct failure *why) MUST_CHECK;

#endif
