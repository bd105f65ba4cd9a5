/* Errors in the configuration: each is reported to the caller of settings_load() and counted. */
#ifndef PENSTOCK_CONFIG_CONFIG_ERRORS_H
#define PENSTOCK_CONFIG_CONFIG_ERRORS_H

#include <stddef.h>

#include "base/base.h"

struct failure;

/* Receives one error. `why->message` is "WHERE: SETTING: REASON" and, when WHERE is FILE:LINE, a newline,
 * four blanks and that line of the file; the line shows no secret. */
typedef void config_error_handler(void *context, const struct failure *why);

struct config_errors {
    config_error_handler *report;
    void *context;
    size_t count;
};

/* Reports an error; `where` is "FILE:LINE", "FILE", "environment", a variable's name or "command line". */
void config_error_add(struct config_errors *errors, const char *where, const char *setting,
                      const char *format, ...) PRINTF_LIKE(4, 5);

/* A handler that writes the error to the error log, with the line of the file as a separate entry. `context`
 * is a text that precedes each entry. */
config_error_handler config_error_log;

#endif
