/* A set of names, small enough to be searched from end to end. */
#include "confirmed.h"

#include <stdlib.h>
#include <string.h>

#include "../kit/text.h"

#define MAX_NAMES 16384

static char *names[MAX_NAMES];
static size_t count;

bool confirmed(const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

void confirm(const char *name, size_t length)
{
    if (count == MAX_NAMES)
        give_up("more than %d confirmations", MAX_NAMES);
    names[count++] = copy_bytes(name, length);
}

void confirmed_forget(const char *prefix)
{
    size_t kept = 0, length = strlen(prefix);
    for (size_t i = 0; i < count; i++)
        if (strncmp(names[i], prefix, length) == 0)
            free(names[i]);
        else
            names[kept++] = names[i];
    count = kept;
}
