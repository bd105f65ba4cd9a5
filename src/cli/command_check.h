/* `penstock check`: is the configuration right, and what is it? */
#ifndef PENSTOCK_CLI_COMMAND_CHECK_H
#define PENSTOCK_CLI_COMMAND_CHECK_H

/* Runs it with the arguments behind "check"; the exit status: 0, 1 for mistakes, 64 for wrong usage. */
int command_check(int argc, char **argv);

#endif
