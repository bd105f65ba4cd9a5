/* Other people's texts on somebody's terminal. */
#ifndef PENSTOCK_CLI_TTY_H
#define PENSTOCK_CLI_TTY_H

#include <stdio.h>

/* Prints the text with a blank for each control character: a model's name must not move the cursor. */
void terminal_print(const char *text, FILE *out);

#endif
