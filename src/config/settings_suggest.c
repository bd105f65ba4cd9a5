/* Suggests the setting that an unknown name was probably meant to be.
 *
 * Three errors are common: a wrong letter, the right name in the wrong group ("min_spare" at the top), and an
 * underscore for the dot ("log_level"). The edit distance finds the first and the third; a comparison of the
 * last part of the path finds the second. Only a close name is suggested: a wrong suggestion costs more time
 * than none. */
#include <string.h>

#include "base/edit_distance.h"
#include "config/settings_table.h"

#define DISTANCE_MAX 3

static size_t smaller(size_t one, size_t other)
{
    return one < other ? one : other;
}

static size_t count_parts(const char *path)
{
    size_t count = 1;
    for (const char *byte = path; *byte; byte++)
        count += *byte == '.';
    return count;
}

/* Finds the right name in another group; if several groups have it, the first in the table. */
static bool find_leaf(const char *path, char suggestion[static SETTING_PATH_SIZE])
{
    const struct setting_row *row;
    const char *leaf = strrchr(path, '.') ? strrchr(path, '.') + 1 : path;
    for (size_t i = 0; (row = setting_row_at(i)); i++) {
        const char *known = strrchr(row->path, '.');
        if (known && strcmp(known + 1, leaf) == 0) {
            setting_path_fill(row->path, path, count_parts(row->path), suggestion);
            return true;
        }
    }
    return false;
}

bool setting_suggest(const char *path, char suggestion[static SETTING_PATH_SIZE])
{
    const struct setting_row *row;
    char candidate[SETTING_PATH_SIZE];
    size_t best = smaller(DISTANCE_MAX, 1 + strlen(path) / 5) + 1, parts = count_parts(path);
    if (strlen(path) >= SETTING_PATH_SIZE || find_leaf(path, suggestion))
        return strlen(path) < SETTING_PATH_SIZE;
    bool found = false;
    for (size_t i = 0; (row = setting_row_at(i)); i++)
        for (size_t more = 0; more < 2; more++) { /* the second time for "log_level" */
            setting_path_fill(row->path, path, parts + more, candidate);
            size_t edits = edit_distance(path, candidate);
            if (edits >= best)
                continue;
            best = edits;
            strcpy(suggestion, candidate);
            found = true;
        }
    return found;
}
