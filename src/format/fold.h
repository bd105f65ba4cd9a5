/* Compares a text with a name as parsers do that ignore case. */
#ifndef PENSTOCK_FORMAT_FOLD_H
#define PENSTOCK_FORMAT_FOLD_H

#include <stdbool.h>
#include <stddef.h>

/* True if the text, in UTF-8, equals `name`, in ASCII, after simple case folding (Unicode, CaseFolding.txt,
 * status C and S). Besides the letters of the other case, two characters fold to ASCII: U+017F to "s" and
 * U+212A to "k". */
bool fold_equal(const char *text, size_t length, const char *name);

#endif
