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

void settings_values_add(struct settings_values *said, const char *where, const char *path,
                         enum value_form form, const char *text)
{
    if (!(said->count & (said->count - 1))) /* full at each power of two */
        said->items = memory_resize(said->items, said->count ? 2 * said->count : 1, sizeof *said->items);
    said->items[said->count++] = (struct settings_value){
        .path = copy(path),
        .text = copy(text),
        .where = copy(where),
        .form = form,
    };
}

const struct settings_value *settings_values_find(const struct settings_values *said, const char *path)
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

const char *settings_values_origin(const struct settings_values *said, const char *path,
                                   const char *otherwise)
{
    const struct settings_value *found = settings_values_find(said, path);
    for (size_t i = 0; !found && i < said->count; i++)
        if (lies_in(said->items[i].path, path))
            found = &said->items[i];
    return found ? found->where : otherwise;
}

void settings_value_wipe(struct settings_value *assignment)
{
    explicit_bzero(assignment->text, strlen(assignment->text));
}

void settings_values_free(struct settings_values *said)
{
    if (!said)
        return;
    for (size_t i = 0; i < said->count; i++) {
        settings_value_wipe(&said->items[i]);
        free(said->items[i].path);
        free(said->items[i].text);
        free(said->items[i].where);
    }
    free(said->items);
    free(said);
}
