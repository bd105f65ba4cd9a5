/* SHA-256, SHA-1 for the names of scripts, comparison in constant time, and random names. */
#ifndef PENSTOCK_BASE_DIGEST_H
#define PENSTOCK_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

#define DIGEST_BYTES 32
#define DIGEST_HEX 64
#define DIGEST_SHA1_HEX 40
#define RANDOM_NAME_BYTES 16
#define RANDOM_KEY_LETTERS 43 /* letters out of 62, which have 256 bits */
#define RANDOM_KEY_SIZE (3 + RANDOM_KEY_LETTERS + 1)

/* Computes the SHA-256 digest (FIPS 180-4) of `length` bytes. */
void digest_sha256(const void *bytes, size_t length, unsigned char digest[static DIGEST_BYTES]);

/* Writes the SHA-1 digest in hexadecimal, which Redis uses as the name of a script. Not for data that could
 * be forged. */
void digest_sha1_hex(const void *bytes, size_t length, char hex[static DIGEST_SHA1_HEX + 1]);

/* Reads 64 hexadecimal digits, in either case. Returns false for any other text. */
bool digest_parse(const char *text, unsigned char digest[static DIGEST_BYTES]) MUST_CHECK;

/* Writes 64 hexadecimal digits and a NUL. */
void digest_print(const unsigned char digest[static DIGEST_BYTES], char text[static DIGEST_HEX + 1]);

/* Compares two digests in a time that does not depend on where they differ. */
bool digest_equal(const unsigned char *one, const unsigned char *other);

/* Writes 32 random hexadecimal digits and a NUL. */
void digest_random_name(char name[static 2 * RANDOM_NAME_BYTES + 1]);

/* Writes a random key for a client: "pk-" and 43 letters and digits. */
void digest_random_key(char key[static RANDOM_KEY_SIZE]);

#endif
