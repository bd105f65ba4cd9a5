/* A provider's key: where it comes from, and what a key may look like. */
#ifndef PENSTOCK_CONFIG_PROVIDER_KEY_H
#define PENSTOCK_CONFIG_PROVIDER_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "base/secret.h"

#define KEY_MAX_BYTES 8192

struct failure;

/* Trims, drops one leading "Bearer " in any case and trims again; refuses an empty key, inner white space,
 * control bytes and quotes. No message ever holds the key. */
bool provider_key_clean(const char *text, size_t length, struct secret *key, struct failure *why) MUST_CHECK;

/* The key in a file, cleaned; refuses a file that others can read, write or run. */
bool provider_key_read(const char *path, struct secret *key, struct failure *why) MUST_CHECK;

#endif
