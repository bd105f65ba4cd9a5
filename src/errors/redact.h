/* Removes keys from texts that people will see. */
#ifndef PENSTOCK_ERRORS_REDACT_H
#define PENSTOCK_ERRORS_REDACT_H

#include <stddef.h>

struct secrets;

/* Replaces in `text` by "[redacted]": the `known` secrets, everything shaped like a provider's key or a
 * token, and the queries, users and passwords of URLs. `size` is that of the buffer; text that no longer fits
 * is cut off. */
void redact(char *text, size_t size, const struct secrets *known);

#endif
