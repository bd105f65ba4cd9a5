/* One line of a configuration file, as an error message quotes it. */
#ifndef PENSTOCK_CONFIG_CONFIG_LINE_H
#define PENSTOCK_CONFIG_CONFIG_LINE_H

#include <stdbool.h>

#define CONFIG_LINE_SIZE 160

/* Writes the line at `where`, "FILE:LINE", without blanks around it, without comments, and with "..." in the
 * place of every value that may be secret. Returns false if `where` names no line, the line is empty or the
 * file cannot be read. */
bool config_line_read(const char *where, char line[static CONFIG_LINE_SIZE]);

#endif
