/* A key has its own type, because a struct cannot be logged with "%s" by mistake. */
#ifndef PENSTOCK_BASE_SECRET_H
#define PENSTOCK_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

struct secret {
    char *bytes; /* NUL-terminated; NULL when there is none */
    size_t length;
    bool is_name; /* a host's name and no key: hidden as a whole only */
};

/* Keys and names that must not be printed. */
struct secrets {
    const struct secret *items;
    size_t count;
};

/* Returns a copy of `length` bytes, to be wiped with secret_wipe(). */
struct secret secret_copy(const char *bytes, size_t length);

/* Overwrites the bytes, frees them and leaves an empty secret. */
void secret_wipe(struct secret *secret);

#endif
