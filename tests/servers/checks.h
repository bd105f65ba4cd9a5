/* What every mounting must show. */
#ifndef SERVERS_CHECKS_H
#define SERVERS_CHECKS_H

#include <stdbool.h>

struct mounting;
struct site;

struct check {
    const char *name;
    void (*run)(const struct site *site);             /* in a process of its own; returns when all is well */
    bool (*applies)(const struct mounting *mounting); /* NULL: always */
};

/* Each list ends with an entry without a name. */
extern const struct check answer_checks[], leave_checks[], hostile_checks[], load_checks[], access_checks[],
    runs_checks[], browser_checks[], passthrough_checks[];

bool is_kind(const struct mounting *mounting, const char *kind);

#endif
