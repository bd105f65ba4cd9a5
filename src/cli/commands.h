/* The commands that have a file of their own, command_NAME.c. */
#ifndef PENSTOCK_CLI_COMMANDS_H
#define PENSTOCK_CLI_COMMANDS_H

/* Each function runs its command; argv[0] is the command's name. Returns the exit status: 0 on success, 64
 * (EX_USAGE) if the arguments are wrong, 1 if the settings have errors or in the case in the function's
 * comment. */

int command_check(int argc, char **argv);
int command_key(int argc, char **argv);    /* `digest` read no key */
int command_ledger(int argc, char **argv); /* the ledger cannot be used */
int command_models(int argc, char **argv); /* no model is usable */
int command_probe(int argc, char **argv);  /* a chat failed */
int command_usage(int argc, char **argv);  /* a part of the log could not be read */

#endif
