/* Rules for the items of lists: what a client and an alias must have, and what no two of them may share. */
#ifndef PENSTOCK_CONFIG_LIST_RULES_H
#define PENSTOCK_CONFIG_LIST_RULES_H

#include <stddef.h>

struct config_errors;
struct settings;

/* Decodes the key and the date of the client at `index`; tells what cannot be used. */
void client_complete(struct settings *settings, size_t index, struct config_errors *mistakes);

void alias_complete(const struct settings *settings, size_t index, struct config_errors *mistakes);

#endif
