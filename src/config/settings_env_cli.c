/* Values for settings from the environment and the command line.
 *
 * The environment is walked once and its names are looked up in the table, rather than the other way round,
 * so that unknown names are noticed too. Only the process's own environment is read. In FastCGI the
 * parameters of a request are a separate list. In CGI they are part of the environment, but a client controls
 * only names that begin with HTTP_ (RFC 3875, 4.1.18). */
#include "config/settings_env_cli.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "config/config_errors.h"
#include "config/settings_table.h"
#include "config/settings_values.h"

static const char prefix[] = "PENSTOCK_";

/* Rows of providers, clients and aliases have no variable, because their names may contain characters that a
 * variable's name cannot. */
static bool env_name_of(const char *path, char name[static SETTING_ENV_NAME_SIZE])
{
    if (!path || strpbrk(path, "*#") || strlen(path) + sizeof prefix > SETTING_ENV_NAME_SIZE)
        return false;
    memcpy(name, prefix, sizeof prefix);
    char *end = name + sizeof prefix - 1;
    for (const char *byte = path; *byte; byte++)
        *end++ = *byte == '.' ? '_' : (char)toupper((unsigned char)*byte);
    *end = '\0';
    return true;
}

bool setting_env_name(const struct setting_row *row, char name[static SETTING_ENV_NAME_SIZE])
{
    return env_name_of(row->path, name);
}

static bool has_prefix(const char *entry)
{
    return strncmp(entry, prefix, sizeof prefix - 1) == 0;
}

static bool is_named(const char *entry, const char *name)
{
    size_t length = strlen(name);
    return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

/* Returns the path of the setting that the entry "PENSTOCK_A_B=..." sets, or NULL. If the entry uses the old
 * name of the setting, returns the old path. */
static const char *path_of_env(const char *entry, char name[static SETTING_ENV_NAME_SIZE])
{
    const struct setting_row *row;
    for (size_t i = 0; has_prefix(entry) && (row = setting_row_at(i)); i++) {
        if (env_name_of(row->path, name) && is_named(entry, name))
            return row->path;
        if (env_name_of(row->old_name, name) && is_named(entry, name))
            return row->old_name;
    }
    return NULL;
}

bool env_is_unknown(const char *entry)
{
    char name[SETTING_ENV_NAME_SIZE];
    return has_prefix(entry) && !path_of_env(entry, name) && !is_named(entry, "PENSTOCK_CONFIG") &&
           !is_named(entry, "PENSTOCK_WORKERS");
}

/* An empty variable counts as unset, because some tools cannot remove one. */
void settings_read_env(struct settings_values *values)
{
    char name[SETTING_ENV_NAME_SIZE];
    for (char **entry = environ; entry && *entry; entry++) {
        const char *path = path_of_env(*entry, name);
        const char *text = strchr(*entry, '=');
        if (path && text[1])
            settings_values_add(values, name, path, VALUE_TEXT, text + 1);
    }
}

static void report_unknown(const char *where, const char *path, struct config_errors *errors)
{
    char suggestion[SETTING_PATH_SIZE];
    if (setting_group_find(path) != GROUP_NONE)
        config_error_add(errors, where, path, "is a group; name one of its settings");
    else if (setting_suggest(path, suggestion))
        config_error_add(errors, where, path, "unknown setting; did you mean %s?", suggestion);
    else
        config_error_add(errors, where, path, "unknown setting");
}

void settings_read_cli(struct settings_values *values, const struct name_value *sets, size_t count,
                       struct config_errors *errors)
{
    static const char where[] = "command line";
    for (size_t i = 0; i < count; i++) {
        const char *path = sets[i].name;
        const struct setting_row *row = setting_row_find(path);
        if (!row)
            row = setting_row_find_old(path);
        if (!row)
            report_unknown(where, path, errors);
        else if (strchr(row->path, '#'))
            config_error_add(errors, where, path, "can only be set in the file");
        else
            settings_values_add(values, where, path, VALUE_TEXT, sets[i].value);
    }
}
