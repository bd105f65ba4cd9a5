/* Settings that a reload cannot change, because a socket, a lock or privileges depend on them. */
#include "config/settings_reload.h"

#include <stdint.h>
#include <string.h>

#include "base/error_log.h"
#include "config/settings.h"
#include "config/settings_table.h"

/* Swaps the two texts, so that each is freed with the settings that contain it. */
static void keep_text(const char *path, char **fresh, char **old)
{
    if (strcmp(*fresh, *old) == 0)
        return;
    log_warning("reload: %s = \"%s\" takes effect after a restart; until then it is \"%s\"", path, *fresh,
                *old);
    char *text = *fresh;
    *fresh = *old;
    *old = text;
}

static void keep_number(const char *path, int64_t *fresh, const int64_t *old)
{
    if (*fresh == *old)
        return;
    log_warning("reload: %s takes effect after a restart", path);
    *fresh = *old;
}

static void keep(const struct setting_row *row, struct settings *fresh, struct settings *old)
{
    char *to = (char *)fresh + row->offset, *from = (char *)old + row->offset;
    if (row->reloadable || row->owner != OWNER_SETTINGS)
        return;
    if (row->type == SETTING_TEXT || row->type == SETTING_PATH)
        keep_text(row->path, (char **)(void *)to, (char **)(void *)from);
    else
        keep_number(row->path, (int64_t *)(void *)to, (int64_t *)(void *)from);
}

void settings_keep_until_restart(struct settings *fresh, struct settings *old)
{
    const struct setting_row *row;
    for (size_t i = 0; (row = setting_row_at(i)); i++)
        keep(row, fresh, old);
}
