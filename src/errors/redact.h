/* Removes secrets from texts that people will see. */
#ifndef PENSTOCK_ERRORS_REDACT_H
#define PENSTOCK_ERRORS_REDACT_H

#include <stddef.h>

struct secrets;

/* Replaces secrets in `text` with "[redacted]": the `known` secrets, everything that looks like a provider's
 * key or a token, and the queries, users and passwords of URLs. `size` is the size of the buffer; text that
 * no longer fits is cut off. */
void redact(char *text, size_t size, const struct secrets *known);

#endif
