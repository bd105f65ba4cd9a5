/* Reading the settings again while the service runs: what was bound, locked or dropped at the start stays. */
#include "process/reload.h"

#include <stdint.h>
#include <string.h>

#include "base/error_log.h"
#include "base/failure.h"
#include "config/settings.h"
#include "config/settings_table.h"

static void keep_text(const char *path, char **fresh, char **old)
{
    if (strcmp(*fresh, *old) == 0)
        return;
    log_warning("reload: %s = \"%s\" waits for a restart; it remains \"%s\"", path, *fresh, *old);
    char *passed = *fresh; /* exchanged, so that each is freed with its settings */
    *fresh = *old;
    *old = passed;
}

static void keep_number(const char *path, int64_t *fresh, const int64_t *old)
{
    if (*fresh == *old)
        return;
    log_warning("reload: %s waits for a restart", path);
    *fresh = *old;
}

/* Rows with a wildcard lie in other structs; none of them needs a restart. */
static void keep(const struct setting_row *row, struct settings *fresh, struct settings *old)
{
    char *to = (char *)fresh + row->offset, *from = (char *)old + row->offset;
    if (row->reloadable || strpbrk(row->path, "*#"))
        return;
    if (row->type == SETTING_TEXT || row->type == SETTING_PATH)
        keep_text(row->path, (char **)(void *)to, (char **)(void *)from);
    else
        keep_number(row->path, (int64_t *)(void *)to, (int64_t *)(void *)from);
}

struct settings *reload_settings(const struct settings_source *source, struct settings *old)
{
    static char prefix[] = "reload: ";
    struct settings *fresh = settings_load(source, config_error_log, prefix);
    const struct setting_row *row;
    if (!fresh) {
        log_error("reload: refused; the old settings stay in force");
        return NULL;
    }
    for (size_t i = 0; (row = setting_row_at(i)); i++)
        keep(row, fresh, old);
    return fresh;
}
