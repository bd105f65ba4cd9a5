/* Users and groups of the system, by name or number. */
#include "process/os_user.h"

#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/failure.h"

/* True if the name is a number. -1 is not allowed, because it means "no change" to chown(2) and
 * setresuid(2). */
static bool is_number(const char *name, unsigned *number)
{
    char *end;
    unsigned long value = strtoul(name, &end, 10);
    *number = (unsigned)value;
    return name[0] >= '0' && name[0] <= '9' && *end == '\0' && value < UINT32_MAX;
}

bool os_user_find(const char *name, uid_t *user, gid_t *group, struct failure *why)
{
    unsigned number = 0;
    bool numeric = is_number(name, &number);
    const struct passwd *entry = numeric ? getpwuid(number) : getpwnam(name);
    if (!entry && !numeric)
        return fail(why, FAILURE_SETTING, "there is no user \"%s\"", name);
    *user = entry ? entry->pw_uid : number;
    *group = entry ? entry->pw_gid : number;
    return true;
}

bool os_user_find_group(const char *name, gid_t *group, struct failure *why)
{
    unsigned number = 0;
    if (is_number(name, &number)) {
        *group = number;
        return true;
    }
    const struct group *entry = getgrnam(name);
    if (!entry)
        return fail(why, FAILURE_SETTING, "there is no group \"%s\"", name);
    *group = entry->gr_gid;
    return true;
}
