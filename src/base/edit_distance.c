/* Measures how alike two names are, for suggestions. */
#include "base/edit_distance.h"

#include <string.h>

static size_t smaller(size_t one, size_t other)
{
    return one < other ? one : other;
}

size_t edit_distance(const char *one, const char *other)
{
    size_t row[EDIT_DISTANCE_MAX + 1], width = strnlen(other, EDIT_DISTANCE_MAX);
    for (size_t i = 0; i <= width; i++)
        row[i] = i;
    for (size_t above = 0; one[above] && above < EDIT_DISTANCE_MAX; above++) {
        size_t diagonal = above;
        row[0] = above + 1;
        for (size_t i = 1; i <= width; i++) {
            size_t changed = diagonal + (one[above] != other[i - 1]);
            diagonal = row[i];
            row[i] = smaller(changed, 1 + smaller(row[i], row[i - 1]));
        }
    }
    return row[width];
}
