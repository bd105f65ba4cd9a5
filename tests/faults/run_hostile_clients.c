/* What clients, web servers and the machine do to the gateway: broken requests, stalls, missing resources.
 *
 *     run_hostile_clients [--only WORDS] [--garbage N] [-v] [GATEWAY PROVIDER] */
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"
#include "../pool/runner.h"
#include "raw_request.h"

#define CHECK_SECONDS 300 /* of a check; one has to stop a worker inside the ledger */

unsigned garbage_count = 10000;

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
    struct choice choice = {.seconds = CHECK_SECONDS};
    find_beside(argv[0], "../../src/penstock", found[0]);
    find_beside(argv[0], "../upstream/provider", found[1]);
    for (int i = 1, program = 0; i < argc; i++)
        if (strcmp(argv[i], "-v") == 0)
            choice.verbose = true;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            choice.only = argv[++i];
        else if (strcmp(argv[i], "--garbage") == 0 && i + 1 < argc)
            garbage_count = (unsigned)atoi(argv[++i]);
        else if (program < 2)
            programs[program++] = argv[i];
    choice.provider = programs[1];
    const struct check_list lists[] = {
        {queue_checks, programs[0]},
        {resource_checks, programs[0]},
        {client_checks, programs[0]},
        {stopped_checks, programs[0]},
        {clock_checks, programs[0]},
        {garbage_checks, programs[0]},
        {NULL, NULL},
    };
    return run_checks(lists, &choice);
}
