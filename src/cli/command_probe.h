/* `penstock probe`: does a provider answer, and how? */
#ifndef PENSTOCK_CLI_COMMAND_PROBE_H
#define PENSTOCK_CLI_COMMAND_PROBE_H

/* Runs it with the arguments behind "probe"; the exit status: 0 when both chats went well, 1 when one did not
 * or the settings have mistakes, 64 for wrong usage. */
int command_probe(int argc, char **argv);

#endif
