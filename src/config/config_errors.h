/* Mistakes in the configuration: each is told to whoever asked for the settings, and counted. */
#ifndef MISTAKES_H
#define MISTAKES_H

#include <stddef.h>

#include "base/attributes.h"

struct failure;

/* One mistake: `why->message` names file, line, setting and reason. */
typedef void settings_complain(void *context, const struct failure *why);

struct mistakes {
    settings_complain *complain;
    void *context;
    size_t count;
};

/* Tells one, as "WHERE: SETTING: REASON"; `where` is FILE:LINE, or the environment, or the command line. */
void mistake_add(struct mistakes *mistakes, const char *where, const char *setting, const char *format, ...)
    PRINTF_LIKE(4, 5);

#endif
