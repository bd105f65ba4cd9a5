/* Terminal output: prints untrusted text safely, and draws a progress bar. */
#ifndef PENSTOCK_CLI_TTY_H
#define PENSTOCK_CLI_TTY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Prints the text with a blank in place of each control character, so that a model's name, for example,
 * cannot control the terminal. */
void tty_print(const char *text, FILE *out);

/* A progress bar on standard error; draws nothing if standard error is not a terminal. */
struct progress_bar {
    bool on_terminal, is_drawn;
    int64_t started_us, drawn_us;
};

struct progress_bar progress_bar_begin(void);

/* Updates the bar, for the first time after half a second, then at most ten times a second. `done` and `all`
 * are in bytes. */
void progress_bar_update(struct progress_bar *bar, int64_t done, int64_t all);

/* Removes the bar. */
void progress_bar_end(struct progress_bar *bar);

#endif
