/* Reads a configuration file into memory, within bounds. */
#ifndef PENSTOCK_CONFIG_CONFIG_FILE_H
#define PENSTOCK_CONFIG_CONFIG_FILE_H

#include "base/base.h"

#define CONFIG_FILE_MAX (1 << 20) /* bytes of one file */

/* Returns the text of the file, NUL-terminated and with a newline at its end, to be freed with
 * config_file_free(). Returns NULL with `*error` set if the file cannot be read, is not a regular file, is
 * too large or contains a NUL byte. */
char *config_file_read(const char *file, const char **error) MUST_CHECK;

/* Wipes the text, which may contain keys, and frees it. */
void config_file_free(char *text);

#endif
