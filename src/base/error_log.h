/* The error log: one line an event, one write a line, for the person who runs this. */
#ifndef PENSTOCK_BASE_ERROR_LOG_H
#define PENSTOCK_BASE_ERROR_LOG_H

#include <stdbool.h>

#include "base/base.h"

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG };

/* Sends the log to `path` (NULL or "": standard error) from `level` upwards. On failure the log goes on
 * where it went, and false comes back with errno set. */
bool log_open(const char *path, enum log_level level) MUST_CHECK;

/* Opens the path again, after a rotation; a failure is logged to where the log still goes. */
void log_reopen(void);

/* One line each. Control characters are escaped; a line is cut at 2 KiB. Never given a secret. */
void log_error(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *format, ...) PRINTF_LIKE(1, 2);

/* Logs an error and exits with status 1. Only before the first request. */
_Noreturn void die(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
