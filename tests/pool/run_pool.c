/* Runs the checks of pools: `run_pool [--only WORDS] [-v] [PROBE GATEWAY PROVIDER]`.
 *
 * Each check is a process with a folder of its own, so a few run at the same time, and what a failed one
 * leaves behind ends with it. One line a check; what a failed one said, and its error log, follow the line.
 * Without the programs' paths it takes those of the tree it was built in: pool_probe, the
 * gateway and the fake provider. */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"
#include "checks.h"
#include "runner.h"

/* A program of the tree that `program` was built in. */
static void find_beside(const char *program, const char *path, char found[static PATH_MAX])
{
    char *copy = copy_bytes(program, strlen(program));
    snprintf(found, PATH_MAX, "%s/%s", dirname(copy), path);
    free(copy);
}

int main(int argc, char **argv)
{
    static char found[3][PATH_MAX];
    const char *programs[] = {found[0], found[1], found[2]};
    find_beside(argv[0], "pool_probe", found[0]);
    find_beside(argv[0], "../../src/penstock", found[1]);
    find_beside(argv[0], "../upstream/provider", found[2]);
    struct choice choice = {0};
    for (int i = 1, program = 0; i < argc; i++)
        if (strcmp(argv[i], "-v") == 0)
            choice.verbose = true;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            choice.only = argv[++i];
        else if (program < 3)
            programs[program++] = argv[i];
    choice.provider = programs[2];
    const struct check_list lists[] = {
        {size_checks, programs[0]},
        {death_checks, programs[0]},
        {reload_checks, programs[0]},
        {shutdown_checks, programs[0]},
        {daemon_checks, programs[0]},
        {start_checks, programs[0]},
        {gateway_checks, programs[1]},
        {access_checks, programs[1]},
        {budget_checks, programs[1]},
        {redis_checks, programs[1]},
        {targets_checks, programs[1]},
        {many_checks, programs[1]},
        {NULL, NULL},
    };
    return run_checks(lists, &choice);
}
