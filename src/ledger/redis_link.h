/* A connection to Redis that runs one script: made when it is needed, and again after it broke. */
#ifndef PENSTOCK_LEDGER_REDIS_LINK_H
#define PENSTOCK_LEDGER_REDIS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/secret.h"

struct redis_address;
struct redis_link;

/* An argument of a script; Redis takes any bytes. */
struct redis_word {
    const void *bytes;
    size_t length;
};

#define REDIS_WORDS_MAX 32
#define REDIS_NUMBERS_MAX 256

/* What a script has returned. */
struct redis_answer {
    int64_t numbers[REDIS_NUMBERS_MAX];
    size_t count;
};

/* Is this program built with hiredis? */
bool redis_link_possible(void);

/* Connects to nothing yet. `script` must outlive the link; the password is copied. */
struct redis_link *redis_link_open(const struct redis_address *address, const struct secret *password,
                                   const char *script);
void redis_link_close(struct redis_link *link);

/* Runs the script: the first `keys` words are its KEYS, the others its ARGV. The script may run twice if the
 * connection breaks. False: it has not run, or its answer was lost. After a failure Redis is left alone for a
 * while, so that not every call waits for a timeout: until then calls fail at once. */
bool redis_link_run(struct redis_link *link, size_t keys, const struct redis_word *words, size_t count,
                    struct redis_answer *answer) MUST_CHECK;

/* How long Redis is left alone after a call that failed after `waited_us`. */
int64_t redis_link_pause_us(int64_t waited_us);

/* Is Redis left alone now? */
bool redis_link_pauses(const struct redis_link *link);

/* Why the last call failed, without address and password; NULL: it succeeded, or there was none. */
const char *redis_link_fault(const struct redis_link *link);

/* The address, for the error log. */
const char *redis_link_address(const struct redis_link *link);

#endif
