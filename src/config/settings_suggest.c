/* Which setting was probably meant by a name that is none.
 *
 * Three slips are common: a letter wrong, the right name in the wrong group ("min_spare" at the top), and an
 * underscore for the dot ("log_level"). The first and the last are found by distance, the second by its last
 * part. Only a near name is offered: a wrong hint costs more time than none. */
#include <string.h>

#include "config/settings_table.h"

#define FAR_MAX 3 /* letters apart; more is no slip of the pen */

static size_t least(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* How many letters must be put in, left out or changed to make one text of the other (Levenshtein). */
static size_t distance(const char *one, const char *other)
{
    size_t row[SETTING_PATH_SIZE], width = strlen(other);
    for (size_t i = 0; i <= width; i++)
        row[i] = i;
    for (size_t above = 0; *one; one++) {
        size_t diagonal = above++;
        row[0] = above;
        for (size_t i = 1; i <= width; i++) {
            size_t changed = diagonal + (*one != other[i - 1]);
            diagonal = row[i];
            row[i] = least(changed, 1 + least(row[i], row[i - 1]));
        }
    }
    return row[width];
}

/* Behind the next dot, or at the end. */
static const char *next_part(const char *path)
{
    path += strcspn(path, ".");
    return *path ? path + 1 : path;
}

static size_t count_parts(const char *path)
{
    size_t count = 0;
    for (; *path; path = next_part(path))
        count++;
    return count;
}

static bool is_wildcard(const char *part)
{
    return (*part == '*' || *part == '#') && (part[1] == '.' || !part[1]);
}

/* The row's path, cut to `parts` parts, with the names that `path` has in the places of the wildcards. */
static void instantiate(const char *pattern, const char *path, size_t parts,
                        char text[static SETTING_PATH_SIZE])
{
    size_t used = 0;
    for (; *pattern && parts > 0; pattern = next_part(pattern), path = next_part(path), parts--) {
        const char *part = is_wildcard(pattern) && *path ? path : pattern;
        size_t length = strcspn(part, ".");
        if (used + length + 2 > SETTING_PATH_SIZE)
            break;
        if (used)
            text[used++] = '.';
        memcpy(text + used, part, length);
        used += length;
    }
    text[used] = '\0';
}

/* The right name in the wrong group? Where several groups have it, the first in the table is as good a hint.
 */
static bool find_leaf(const char *path, char nearest[static SETTING_PATH_SIZE])
{
    const struct setting_row *row;
    const char *leaf = strrchr(path, '.') ? strrchr(path, '.') + 1 : path;
    for (size_t i = 0; (row = setting_row_at(i)); i++) {
        const char *known = strrchr(row->path, '.');
        if (known && strcmp(known + 1, leaf) == 0) {
            instantiate(row->path, path, count_parts(row->path), nearest);
            return true;
        }
    }
    return false;
}

bool setting_suggest(const char *path, char nearest[static SETTING_PATH_SIZE])
{
    const struct setting_row *row;
    char candidate[SETTING_PATH_SIZE];
    size_t best = least(FAR_MAX, 1 + strlen(path) / 5) + 1, parts = count_parts(path);
    if (strlen(path) >= SETTING_PATH_SIZE || find_leaf(path, nearest))
        return strlen(path) < SETTING_PATH_SIZE;
    bool found = false;
    for (size_t i = 0; (row = setting_row_at(i)); i++)
        for (size_t more = 0; more < 2; more++) { /* the second time for "log_level" */
            instantiate(row->path, path, parts + more, candidate);
            size_t far = distance(path, candidate);
            if (far >= best)
                continue;
            best = far;
            strcpy(nearest, candidate);
            found = true;
        }
    return found;
}
