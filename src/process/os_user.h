/* Users and groups of the system, by name or number. */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attributes.h"

struct failure;

/* The user and their own group; a number needs no entry in the user database, its group is then that number
 * too. */
bool account_find_user(const char *name, uid_t *user, gid_t *group, struct failure *why) MUST_CHECK;
bool account_find_group(const char *name, gid_t *group, struct failure *why) MUST_CHECK;

#endif
