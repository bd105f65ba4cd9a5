/* The sentence of an error: found in a body of any shape, made fit to be shown. */
#ifndef PENSTOCK_ERRORS_FAILURE_TEXT_H
#define PENSTOCK_ERRORS_FAILURE_TEXT_H

#include <stddef.h>

#include "format/json.h"

/* White space collapsed, no longer than 200 code points, keys and query strings redacted, never empty. `size`
 * is that of `message`. */
void failure_text_clean(const char *text, size_t length, char *message, size_t size);

#endif
