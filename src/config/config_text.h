/* Checks the text of a configuration file for constructs that libconfig misreads or crashes on. */
#ifndef PENSTOCK_CONFIG_CONFIG_TEXT_H
#define PENSTOCK_CONFIG_CONFIG_TEXT_H

struct config_errors;

/* Reports each number that libconfig would truncate to 32 bits and each @include that would crash or block
 * libconfig, in `text` and in the files that `text` includes from `directory`. */
void config_text_check(const char *file, const char *directory, const char *text,
                       struct config_errors *errors);

#endif
