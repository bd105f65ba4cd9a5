/* Keys out of texts that people will see. */
#ifndef PENSTOCK_ERRORS_REDACT_H
#define PENSTOCK_ERRORS_REDACT_H

#include <stddef.h>

struct secrets;

/* Puts "[redacted]" in the place of everything in `text` that is one of the `known` secrets, has the shape of
 * a provider's key or of a token, or is the query of a URL. In place; `size` is that of the buffer, and what
 * no longer fits is cut off. */
void redact(char *text, size_t size, const struct secrets *known);

#endif
