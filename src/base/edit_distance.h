/* Measures how alike two names are, for suggestions. */
#ifndef PENSTOCK_BASE_EDIT_DISTANCE_H
#define PENSTOCK_BASE_EDIT_DISTANCE_H

#include <stddef.h>

#define EDIT_DISTANCE_MAX 512 /* longer texts are compared up to this length */

/* Returns the number of insertions, deletions and replacements that turn one text into the other
 * (Levenshtein). */
size_t edit_distance(const char *one, const char *other);

#endif
