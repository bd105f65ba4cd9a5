/* `penstock check`: is the configuration right, and what is it? */
#include "command_check.h"

#include <stdio.h>
#include <sysexits.h>

#include "failure.h"
#include "options.h"

static void print_mistake(void *context, const struct failure *why)
{
    (void)context;
    fprintf(stderr, "%s\n", why->message);
}

int command_check(int argc, char **argv)
{
    struct options options;
    struct failure why;
    if (!options_read(&options, argc, argv, &why)) {
        fprintf(stderr, "penstock check: %s\n", why.message);
        return EX_USAGE;
    }
    struct settings *settings = settings_load(&options.source, print_mistake, NULL);
    if (settings)
        puts("configuration OK");
    bool good = settings != NULL;
    settings_free(settings);
    options_free(&options);
    return good ? 0 : 1;
}
