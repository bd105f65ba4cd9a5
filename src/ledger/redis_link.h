/* A connection to Redis that runs one script. The link connects when needed, and again after the connection
 * broke. */
#ifndef PENSTOCK_LEDGER_REDIS_LINK_H
#define PENSTOCK_LEDGER_REDIS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "base/secret.h"

struct loop;
struct redis_address;
struct redis_link;

/* An argument of a script; Redis takes any bytes. */
struct redis_word {
    const void *bytes;
    size_t length;
};

#define REDIS_WORDS_MAX 32
#define REDIS_NUMBERS_MAX 256

/* The numbers that a script has returned. */
struct redis_answer {
    int64_t numbers[REDIS_NUMBERS_MAX];
    size_t count;
};

/* True if this program is built with hiredis. */
bool redis_link_possible(void);

/* Does not connect yet. `script` must outlive the link; the password is copied. */
struct redis_link *redis_link_open(const struct redis_address *address, const struct secret *password,
                                   const char *script);
void redis_link_close(struct redis_link *link);

/* From now on calls wait in `loop`, so that other tasks go on meanwhile. */
void redis_link_wait_in(struct redis_link *link, struct loop *loop);

/* Runs the script: the first `keys` words are its KEYS, the others its ARGV. The script may run twice if
 * the connection breaks. Returns false if the script has not run, or if its answer was lost. After a
 * failure, calls fail at once during a pause, so that not every call waits for a timeout. */
bool redis_link_run(struct redis_link *link, size_t keys, const struct redis_word *words, size_t count,
                    struct redis_answer *answer) MUST_CHECK;

/* Returns the length of the pause after a call that failed after `waited_us`. */
int64_t redis_link_pause_us(int64_t waited_us);

/* True during a pause. */
bool redis_link_pauses(const struct redis_link *link);

/* Returns why the last call failed, without address and password; NULL if it succeeded, or if there was no
 * call. */
const char *redis_link_fault(const struct redis_link *link);

/* The address, for the error log. */
const char *redis_link_address(const struct redis_link *link);

#endif
