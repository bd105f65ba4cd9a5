/* The frames that clients have confirmed: they prove that no server in between buffers frames. */
#ifndef UPSTREAM_CONFIRMED_H
#define UPSTREAM_CONFIRMED_H

#include <stdbool.h>
#include <stddef.h>

void confirm(const char *name, size_t length);
bool confirmed(const char *name);

/* Forgets every name that begins with the prefix. */
void confirmed_forget(const char *prefix);

#endif
