/* Rules for the items of lists: what a client and an alias must have, and what no two of them may share. */
#ifndef LIST_RULES_H
#define LIST_RULES_H

#include <stddef.h>

struct mistakes;
struct settings;

/* Decodes the key and the date of the client at `index`; tells what cannot be used. */
void client_complete(struct settings *settings, size_t index, struct mistakes *mistakes);

void alias_complete(const struct settings *settings, size_t index, struct mistakes *mistakes);

#endif
