/* The error log: one line per event, for the administrator. */
#ifndef PENSTOCK_BASE_ERROR_LOG_H
#define PENSTOCK_BASE_ERROR_LOG_H

#include <stdbool.h>

#include "base/base.h"

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG };

/* Sends the log to `path` (NULL or "": standard error), from `level` upwards. Returns false with errno set if
 * the file cannot be opened; the log then stays where it was. */
bool log_open(const char *path, enum log_level level) MUST_CHECK;

/* Opens the path again, after a rotation; a failure is logged to the old file. */
void log_reopen(void);

/* Each call writes one line. Control characters become blanks; a line is cut at 2 KiB. The text must never
 * contain a secret. */
void log_error(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *format, ...) PRINTF_LIKE(1, 2);

/* Logs an error that consists of `parts`, up to a NULL. May be called in a signal handler. */
void log_error_in_handler(const char *const *parts);

/* Logs an error and exits with status 1: for errors at startup, and for errors after which a worker cannot
 * continue. */
_Noreturn void die(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
