/* What clients said they have received: proof that nobody between holds frames back. */
#ifndef UPSTREAM_CONFIRMED_H
#define UPSTREAM_CONFIRMED_H

#include <stdbool.h>
#include <stddef.h>

void confirm(const char *name, size_t length);
bool confirmed(const char *name);

/* Forgets every name that begins so. */
void confirmed_forget(const char *prefix);

#endif
