/* SHA-256, SHA-1 for the names of scripts, comparison in constant time, and random names. */
#include "base/digest.h"

/* The code calls the SHA-256 functions directly. The EVP functions look up the algorithm and count references
 * on each call, which takes longer than the digest itself and costs each worker private pages. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>

#include "base/ascii.h"
#include "base/error_log.h"

#define NAMES_AT_ONCE 16

static const char hex_digits[] = "0123456789abcdef";

void digest_sha256(const void *bytes, size_t length, unsigned char digest[static DIGEST_BYTES])
{
    SHA256_CTX state;
    SHA256_Init(&state);
    SHA256_Update(&state, bytes, length);
    SHA256_Final(digest, &state);
}

static void put_hex(const unsigned char *bytes, size_t count, char *hex)
{
    for (size_t i = 0; i < count; i++) {
        hex[2 * i] = hex_digits[bytes[i] >> 4];
        hex[2 * i + 1] = hex_digits[bytes[i] & 15];
    }
    hex[2 * count] = '\0';
}

void digest_sha1_hex(const void *bytes, size_t length, char hex[static DIGEST_SHA1_HEX + 1])
{
    unsigned char digest[SHA_DIGEST_LENGTH];
    SHA1(bytes, length, digest);
    put_hex(digest, sizeof digest, hex);
}

bool digest_parse(const char *text, unsigned char digest[static DIGEST_BYTES])
{
    if (strlen(text) != DIGEST_HEX)
        return false;
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        digest[i] = (unsigned char)(high * 16 + low);
    }
    return true;
}

bool digest_equal(const unsigned char *one, const unsigned char *other)
{
    return CRYPTO_memcmp(one, other, DIGEST_BYTES) == 0;
}

void digest_print(const unsigned char digest[static DIGEST_BYTES], char text[static DIGEST_HEX + 1])
{
    put_hex(digest, DIGEST_BYTES, text);
}

static void take_random(unsigned char *bytes, size_t length)
{
    if (getrandom(bytes, length, 0) != (ssize_t)length)
        die("the system has no random bytes");
}

/* Random bytes for the next names. A system call for each name would take longer than all other work for the
 * name. */
static unsigned char store[NAMES_AT_ONCE][RANDOM_NAME_BYTES];
static size_t names_left;

/* Runs in a child after fork(), because two processes must not make the same names. */
static void forget_store(void)
{
    names_left = 0;
}

static void fill_store(void)
{
    static bool guarded;
    if (!guarded && pthread_atfork(NULL, NULL, forget_store) != 0)
        die("pthread_atfork: no memory");
    guarded = true;
    take_random((unsigned char *)store, sizeof store);
    names_left = NAMES_AT_ONCE;
}

void digest_random_name(char name[static 2 * RANDOM_NAME_BYTES + 1])
{
    if (names_left == 0)
        fill_store();
    put_hex(store[--names_left], RANDOM_NAME_BYTES, name);
}

/* Drops bytes that are not below the largest multiple of 62, because they would make the first letters more
 * likely. */
void digest_random_key(char key[static RANDOM_KEY_SIZE])
{
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const unsigned count = sizeof letters - 1, fair = 256 / count * count;
    size_t used = 0;
    memcpy(key, "pk-", 3);
    while (used < RANDOM_KEY_LETTERS) {
        unsigned char random;
        take_random(&random, 1);
        if (random < fair)
            key[3 + used++] = letters[random % count];
    }
    key[3 + used] = '\0';
}
