/* Users and groups of the system, by name or number. */
#ifndef PENSTOCK_PROCESS_OS_USER_H
#define PENSTOCK_PROCESS_OS_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/base.h"

struct failure;

/* The user and their own group; a number needs no entry in the user database, its group is then that number
 * too. */
bool os_user_find(const char *name, uid_t *user, gid_t *group, struct failure *why) MUST_CHECK;
bool os_user_find_group(const char *name, gid_t *group, struct failure *why) MUST_CHECK;

#endif
