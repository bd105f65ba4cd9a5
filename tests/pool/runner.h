/* Runs lists of checks and says how they went. */
#ifndef POOL_RUNNER_H
#define POOL_RUNNER_H

#include <stdbool.h>

struct check;

/* Checks, and the program that they are for. The last list has none. */
struct check_list {
    const struct check *checks;
    const char *binary;
};

struct choice {
    const char *only; /* words in a check's name; NULL: all */
    const char *provider;
    bool verbose;
    unsigned seconds; /* that a check may take; 0: 60 */
};

/* One line a check; what a failed one said, and its error log, follow the line. An exit status. */
int run_checks(const struct check_list *lists, const struct choice *choice);

#endif
