/* Errors in the configuration: each is reported to the caller of settings_load() and counted. */
#include "config/config_errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error_log.h"
#include "base/failure.h"
#include "config/config_line.h"

void config_error_add(struct config_errors *errors, const char *where, const char *setting,
                      const char *format, ...)
{
    char reason[FAILURE_MESSAGE_SIZE / 2], line[CONFIG_LINE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    bool has_line = config_line_read(where, line);
    struct failure why;
    fail(&why, FAILURE_SETTING, "%s: %s: %s%s%s", where, setting, reason, has_line ? "\n    " : "",
         has_line ? line : "");
    errors->count++;
    errors->report(errors->context, &why);
}

void config_error_log(void *context, const struct failure *why)
{
    const char *prefix = context ? context : "";
    const char *newline = why->message + strcspn(why->message, "\n");
    log_error("%s%.*s", prefix, (int)(newline - why->message), why->message);
    if (*newline)
        log_error("%s%s", prefix, newline + 1);
}
