/* `penstock usage`: what was used, and what it cost. */
#ifndef COMMAND_USAGE_H
#define COMMAND_USAGE_H

/* Gets the `argc` arguments behind the command's name; returns the exit status. */
int command_usage(int argc, char **argv);

#endif
