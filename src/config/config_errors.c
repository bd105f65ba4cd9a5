/* Mistakes in the configuration: each is told to whoever asked for the settings, and counted. */
#include "config/config_errors.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/failure.h"

void config_error_add(struct config_errors *mistakes, const char *where, const char *setting,
                      const char *format, ...)
{
    char reason[FAILURE_MESSAGE_SIZE / 2];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    struct failure why;
    fail(&why, FAILURE_SETTING, "%s: %s: %s", where, setting, reason);
    mistakes->count++;
    mistakes->complain(mistakes->context, &why);
}
