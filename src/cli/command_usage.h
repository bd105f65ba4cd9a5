/* `penstock usage`: what was used, and what it cost. */
#ifndef PENSTOCK_CLI_COMMAND_USAGE_H
#define PENSTOCK_CLI_COMMAND_USAGE_H

/* Runs it with the arguments behind "usage"; the exit status: 0, 1 when not all of the log could be read or
 * the settings have mistakes, 64 for wrong usage. */
int command_usage(int argc, char **argv);

#endif
