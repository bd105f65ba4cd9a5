/* `penstock models`: what may be asked for, and what may not and why. */
#ifndef PENSTOCK_CLI_COMMAND_MODELS_H
#define PENSTOCK_CLI_COMMAND_MODELS_H

/* Runs it with the arguments behind "models"; the exit status: 0, 1 when no model is usable or the settings
 * have mistakes, 64 for wrong usage. */
int command_models(int argc, char **argv);

#endif
