/* A connection to Redis that runs one script: made when it is needed, and made anew. */
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

/* Is this program built with what it takes? */
bool redis_link_possible(void);

/* Connects to nothing yet. `script` must outlive the link; the password is copied. */
struct redis_link *redis_link_open(const struct redis_address *address, const struct secret *password,
                                   const char *script);
void redis_link_close(struct redis_link *link);

/* Runs the script: the first `keys` words are its KEYS, the others its ARGV. It may run twice where the
 * connection breaks under it. False: it has not run, or its answer was lost. A Redis that fails is left alone
 * for a while, so that it costs nobody a timeout each; meanwhile it is false at once. */
bool redis_link_run(struct redis_link *link, size_t keys, const struct redis_word *words, size_t count,
                    struct redis_answer *answer) MUST_CHECK;

/* How long, after a call that failed after so long. */
int64_t redis_link_pause_us(int64_t waited_us);

/* Is it left alone now? */
bool redis_link_pauses(const struct redis_link *link);

/* Why the last try failed, NULL: it did not, or there was none. It names neither address nor password. */
const char *redis_link_fault(const struct redis_link *link);

/* Where it is, for the error log. */
const char *redis_link_place(const struct redis_link *link);

#endif
