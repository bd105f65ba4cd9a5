/* `penstock key`: a key for a client, and the entry that lets it in. */
#ifndef PENSTOCK_CLI_COMMAND_KEY_H
#define PENSTOCK_CLI_COMMAND_KEY_H

/* Runs it with the arguments behind "key"; the exit status: 0, 1 when there is no key to be had, 64 for wrong
 * usage. */
int command_key(int argc, char **argv);

#endif
