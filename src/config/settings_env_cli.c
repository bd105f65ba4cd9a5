/* What the environment and the command line say about settings.
 *
 * The environment is walked once and its names are looked up in the table, rather than each row's name in the
 * environment: so what is unknown is seen too. Only the process's own environment is ever read. In FastCGI a
 * request's parameters are another list, and in CGI, where they are this one, a client can only make names
 * that begin with HTTP_ (RFC 3875, 4.1.18). */
#include "config/settings_env_cli.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "config/config_errors.h"
#include "config/settings_table.h"
#include "config/settings_values.h"

static const char prefix[] = "PENSTOCK_";

/* Providers and clients have none: their names could hold what a variable's cannot. */
bool setting_env_name(const struct setting_row *row, char name[static SETTING_ENV_NAME_SIZE])
{
    if (strpbrk(row->path, "*#") || strlen(row->path) + sizeof prefix > SETTING_ENV_NAME_SIZE)
        return false;
    memcpy(name, prefix, sizeof prefix);
    char *end = name + sizeof prefix - 1;
    for (const char *byte = row->path; *byte; byte++)
        *end++ = *byte == '.' ? '_' : (char)toupper((unsigned char)*byte);
    *end = '\0';
    return true;
}

static bool is_ours(const char *entry)
{
    return strncmp(entry, prefix, sizeof prefix - 1) == 0;
}

static bool names(const char *entry, const char *variable)
{
    size_t length = strlen(variable);
    return strncmp(entry, variable, length) == 0 && entry[length] == '=';
}

const struct setting_row *setting_of_env(const char *entry)
{
    const struct setting_row *row;
    char name[SETTING_ENV_NAME_SIZE];
    for (size_t i = 0; is_ours(entry) && (row = setting_row_at(i)); i++)
        if (setting_env_name(row, name) && names(entry, name))
            return row;
    return NULL;
}

bool env_is_unknown(const char *entry)
{
    return is_ours(entry) && !setting_of_env(entry) && !names(entry, "PENSTOCK_CONFIG") &&
           !names(entry, "PENSTOCK_WORKERS");
}

/* An empty variable is how many tools unset one. */
void settings_read_env(struct settings_values *said)
{
    for (char **entry = environ; entry && *entry; entry++) {
        const struct setting_row *row = setting_of_env(*entry);
        const char *value = strchr(*entry, '=');
        char name[SETTING_ENV_NAME_SIZE];
        if (row && value[1] && setting_env_name(row, name))
            settings_values_add(said, name, row->path, VALUE_TEXT, value + 1);
    }
}

static void tell_unknown(const char *where, const char *path, struct config_errors *mistakes)
{
    char nearest[SETTING_PATH_SIZE];
    if (setting_group_find(path) != GROUP_NONE)
        config_error_add(mistakes, where, path, "is a group of settings; name one in it");
    else if (setting_suggest(path, nearest))
        config_error_add(mistakes, where, path, "unknown setting; did you mean %s?", nearest);
    else
        config_error_add(mistakes, where, path, "unknown setting");
}

/* A slip here is a mistake, as in the file: nobody gives an option for nothing. */
void settings_read_cli(struct settings_values *said, const struct name_value *sets, size_t count,
                       struct config_errors *mistakes)
{
    static const char where[] = "command line";
    for (size_t i = 0; i < count; i++) {
        const struct setting_row *row = setting_row_find(sets[i].name);
        if (!row)
            tell_unknown(where, sets[i].name, mistakes);
        else if (strchr(row->path, '#'))
            config_error_add(mistakes, where, sets[i].name, "only the file can give it");
        else
            settings_values_add(said, where, sets[i].name, VALUE_TEXT, sets[i].value);
    }
}
