/* The checks, by what they are about. Each runs in a process and a folder of its own. */
#ifndef POOL_CHECKS_H
#define POOL_CHECKS_H

#include "service.h"

struct check {
    const char *name;
    void (*run)(struct service *service);
};

/* Each list ends with a NULL name. These are for pool_probe: */
extern const struct check size_checks[], death_checks[], reload_checks[], shutdown_checks[], daemon_checks[],
    start_checks[];
/* ... and these for the gateway, with a provider behind it: */
extern const struct check gateway_checks[], access_checks[], budget_checks[], redis_checks[],
    targets_checks[], many_checks[];

#endif
