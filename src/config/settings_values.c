/* What file, environment and command line say about settings, in one form and in the order in which it
 * counts. */
#include "config/settings_values.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/portable.h"

static char *copy(const char *text)
{
    return memory_copy(text, strlen(text));
}

void assignment_add(struct assignments *said, const char *where, const char *path, enum said_as form,
                    const char *text)
{
    if (!(said->count & (said->count - 1))) /* full at each power of two */
        said->items = memory_resize(said->items, said->count ? 2 * said->count : 1, sizeof *said->items);
    said->items[said->count++] = (struct assignment){
        .path = copy(path),
        .text = copy(text),
        .where = copy(where),
        .form = form,
    };
}

const struct assignment *assignment_find(const struct assignments *said, const char *path)
{
    for (size_t i = said->count; i-- > 0;)
        if (strcmp(said->items[i].path, path) == 0)
            return &said->items[i];
    return NULL;
}

static bool lies_in(const char *path, const char *group)
{
    size_t length = strlen(group);
    return strncmp(path, group, length) == 0 && path[length] == '.';
}

const char *assignment_where(const struct assignments *said, const char *path, const char *otherwise)
{
    const struct assignment *found = assignment_find(said, path);
    for (size_t i = 0; !found && i < said->count; i++)
        if (lies_in(said->items[i].path, path))
            found = &said->items[i];
    return found ? found->where : otherwise;
}

void assignment_wipe(struct assignment *assignment)
{
    explicit_bzero(assignment->text, strlen(assignment->text));
}

void assignments_free(struct assignments *said)
{
    if (!said)
        return;
    for (size_t i = 0; i < said->count; i++) {
        assignment_wipe(&said->items[i]);
        free(said->items[i].path);
        free(said->items[i].text);
        free(said->items[i].where);
    }
    free(said->items);
    free(said);
}
