/* Mistakes in the configuration: each is told to whoever asked for the settings, and counted. */
#ifndef PENSTOCK_CONFIG_CONFIG_ERRORS_H
#define PENSTOCK_CONFIG_CONFIG_ERRORS_H

#include <stddef.h>

#include "base/base.h"

struct failure;

/* One mistake: `why->message` names file, line, setting and reason. */
typedef void config_error_handler(void *context, const struct failure *why);

struct config_errors {
    config_error_handler *complain;
    void *context;
    size_t count;
};

/* Tells one, as "WHERE: SETTING: REASON"; `where` is FILE:LINE, or the environment, or the command line. */
void config_error_add(struct config_errors *mistakes, const char *where, const char *setting,
                      const char *format, ...) PRINTF_LIKE(4, 5);

#endif
