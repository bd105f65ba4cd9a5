/* Maps a provider's error answer to a failure. */
#ifndef PENSTOCK_ERRORS_FAILURE_MAP_H
#define PENSTOCK_ERRORS_FAILURE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "format/json.h"

struct failure;
struct response_head;

/* An error answer with a body in any format. */
struct provider_answer {
    int status;
    const struct response_head *head; /* NULL: none */
    struct json_value body;
    const char *provider;   /* the name of the preset, else of the provider; NULL: unknown */
    struct secrets secrets; /* redacted where the answer repeats them */
};

/* Fills `why` from an error answer: reason, category, status, retryable, delay and message (contract, section
 * 4). Always returns false, for `return failure_map(...)`. */
bool failure_map(struct failure *why, const struct provider_answer *answer);

/* Copies `text` into `message` in the form that the contract requires: blanks collapsed, at most 200 code
 * points, UTF-8, never empty. `size` is the size of `message`. */
void failure_message_clean(const char *text, size_t length, char *message, size_t size);

#endif
