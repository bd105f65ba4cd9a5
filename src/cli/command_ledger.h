/* `penstock ledger`: how the accounts stand, and the accounts made anew. */
#ifndef COMMAND_LEDGER_H
#define COMMAND_LEDGER_H

/* Takes what stands behind the command's name; returns the exit status. */
int command_ledger(int argc, char **argv);

#endif
