/* The text of a configuration file: read within bounds, and looked through for what libconfig lets pass. */
#ifndef PENSTOCK_CONFIG_CONFIG_TEXT_H
#define PENSTOCK_CONFIG_CONFIG_TEXT_H

#include <stdbool.h>

#include "base/base.h"

struct config_errors;

#define SETTINGS_FILE_MAX (1 << 20) /* bytes of one file */

/* The whole file, NUL-terminated; given back with config_text_free(). NULL when it cannot be read: the
 * mistake has been told then. */
char *config_text_read(const char *file, struct config_errors *mistakes) MUST_CHECK;
void config_text_free(char *text);

/* Tells each number that libconfig would fold into 32 bits and each @include that it would not survive, in
 * `text` and in what it includes from `directory`. */
void config_text_check(const char *file, const char *directory, const char *text,
                       struct config_errors *mistakes);

#endif
