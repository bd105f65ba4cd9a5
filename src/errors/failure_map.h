/* Maps a provider's error answer to a failure. */
#ifndef PENSTOCK_ERRORS_FAILURE_MAP_H
#define PENSTOCK_ERRORS_FAILURE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "format/json.h"

struct failure;
struct response_head;

/* An error answer. Its body may be anything. */
struct provider_answer {
    int status;
    const struct response_head *head; /* NULL: none */
    struct json_value body;
    const char *provider;   /* the name of its preset, else its own; NULL: unknown */
    struct secrets secrets; /* redacted wherever the answer repeats them */
};

/* Fills `why` from an error answer: reason, category, status, retryable, delay and message (contract, section
 * 4). Always false, for `return failure_map(...)`. */
bool failure_map(struct failure *why, const struct provider_answer *answer);

/* The contract's form of a message: blanks collapsed, at most 200 code points, UTF-8, never empty. `size` is
 * that of `message`. */
void failure_message_clean(const char *text, size_t length, char *message, size_t size);

#endif
