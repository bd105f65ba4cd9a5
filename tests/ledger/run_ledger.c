/* The ledger in the running program: bursts at its limits, broken files, full disks.
 *
 *     run_ledger [--only WORDS] [--whole] [-v] [GATEWAY PROVIDER] */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.h"
#include "tests/kit/text.h"
#include "tests/pool/runner.h"

#define SECONDS_WHOLE 300

bool ledger_whole;

static void find_beside(const char *program, const char *path, char found[static PATH_MAX])
{
    char *copy = copy_bytes(program, strlen(program));
    snprintf(found, PATH_MAX, "%s/%s", dirname(copy), path);
    free(copy);
}

int main(int argc, char **argv)
{
    static char found[2][PATH_MAX];
    const char *programs[] = {found[0], found[1]};
    struct choice choice = {0};
    find_beside(argv[0], "../../src/penstock", found[0]);
    find_beside(argv[0], "../upstream/provider", found[1]);
    for (int i = 1, program = 0; i < argc; i++)
        if (strcmp(argv[i], "-v") == 0)
            choice.verbose = true;
        else if (strcmp(argv[i], "--whole") == 0)
            ledger_whole = true;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            choice.only = argv[++i];
        else if (program < 2)
            programs[program++] = argv[i];
    choice.provider = programs[1];
    choice.seconds = SECONDS_WHOLE;
    const struct check_list lists[] = {{burst_checks, programs[0]},
                                       {broken_checks, programs[0]},
                                       {signal_checks, programs[0]},
                                       {NULL, NULL}};
    return run_checks(lists, &choice);
}
