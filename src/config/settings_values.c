/* The values of settings from the file, the environment and the command line, in the order in which they
 * apply. */
#include "config/settings_values.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/portable.h"
#include "config/settings_table.h"

static char *copy(const char *text)
{
    return memory_copy(text, strlen(text));
}

void settings_values_add(struct settings_values *values, const char *origin, const char *path,
                         enum value_form form, const char *text)
{
    char present[SETTING_PATH_SIZE];
    const struct setting_row *renamed = setting_row_find_old(path);
    if (renamed)
        setting_path_fill(renamed->path, path, SIZE_MAX, present);
    if (!(values->count & (values->count - 1))) /* the array is full at each power of two */
        values->items = memory_resize(values->items, values->count ? 2 * values->count : 1,
                                      sizeof *values->items);
    values->items[values->count++] = (struct settings_value){
        .path = copy(renamed ? present : path),
        .text = copy(text),
        .origin = copy(origin),
        .old_name = renamed ? renamed->old_name : NULL,
        .form = form,
    };
}

const struct settings_value *settings_values_find(const struct settings_values *values, const char *path)
{
    for (size_t i = values->count; i-- > 0;)
        if (strcmp(values->items[i].path, path) == 0)
            return &values->items[i];
    return NULL;
}

static bool is_within(const char *path, const char *group)
{
    size_t length = strlen(group);
    return strncmp(path, group, length) == 0 && path[length] == '.';
}

const char *settings_values_origin(const struct settings_values *values, const char *path,
                                   const char *otherwise)
{
    const struct settings_value *found = settings_values_find(values, path);
    for (size_t i = 0; !found && i < values->count; i++)
        if (is_within(values->items[i].path, path))
            found = &values->items[i];
    return found ? found->origin : otherwise;
}

void settings_value_wipe(struct settings_value *value)
{
    explicit_bzero(value->text, strlen(value->text));
}

void settings_values_free(struct settings_values *values)
{
    if (!values)
        return;
    for (size_t i = 0; i < values->count; i++) {
        settings_value_wipe(&values->items[i]);
        free(values->items[i].path);
        free(values->items[i].text);
        free(values->items[i].origin);
    }
    free(values->items);
    free(values);
}
