/* A provider's API key: reads and validates it. */
#ifndef PENSTOCK_CONFIG_PROVIDER_KEY_H
#define PENSTOCK_CONFIG_PROVIDER_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "base/secret.h"

#define KEY_MAX_BYTES 8192

struct failure;

/* Trims, removes one leading "Bearer " in any case and trims again. Fails for an empty key, white space
 * inside, control characters and quotation marks. No message contains the key. The caller wipes `key`. */
bool provider_key_clean(const char *text, size_t length, struct secret *key, struct failure *why) MUST_CHECK;

/* Reads the key from a file and cleans it. Fails for a file that other users can read, write or execute. */
bool provider_key_read(const char *path, struct secret *key, struct failure *why) MUST_CHECK;

#endif
