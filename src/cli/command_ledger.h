/* `penstock ledger`: how the accounts stand, and the accounts made anew. */
#ifndef PENSTOCK_CLI_COMMAND_LEDGER_H
#define PENSTOCK_CLI_COMMAND_LEDGER_H

/* Takes what stands behind the command's name; returns the exit status. */
int command_ledger(int argc, char **argv);

#endif
