/* The commands that have a file of their own, command_NAME.c. */
#ifndef PENSTOCK_CLI_COMMANDS_H
#define PENSTOCK_CLI_COMMANDS_H

/* Each runs the command with its arguments, argv[0] being its name, and returns the exit status: 0; 64
 * (EX_USAGE) where the arguments are wrong; 1 where the settings have mistakes and in the case named here. */

int command_check(int argc, char **argv);
int command_key(int argc, char **argv);    /* `digest` got no key */
int command_ledger(int argc, char **argv); /* the ledger cannot be used */
int command_models(int argc, char **argv); /* no model is usable */
int command_probe(int argc, char **argv);  /* a chat failed */
int command_usage(int argc, char **argv);  /* a part of the log could not be read */

#endif
