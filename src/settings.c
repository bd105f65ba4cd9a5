/* Reads the settings: finds the file, walks what libconfig makes of it, and puts all sources together.
 *
 * Everything that is said about a setting, wherever it is said, becomes an assignment: path, text, form, place.
 * The file's come first, then the environment's, then the command line's; the later one counts. So precedence is
 * an order in a list, and every rule about values is kept once. Only this file knows libconfig. */
#include "settings.h"

#include <errno.h>
#include <libconfig.h>
#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assignments.h"
#include "failure.h"
#include "memory.h"
#include "mistakes.h"
#include "preset.h"
#include "settings_apply.h"
#include "settings_outside.h"
#include "settings_rules.h"
#include "settings_table.h"

#define PATH_SIZE 512
#define FILE_SIZE 4096
#define WHERE_SIZE (FILE_SIZE + 16)

/* One file being read. */
struct reading {
    const char *file;
    struct assignments *said;
    struct mistakes *mistakes;
    char path[PATH_SIZE]; /* of the setting at hand */
};

static const char *place(const struct reading *reading, const config_setting_t *setting,
                         char where[static WHERE_SIZE])
{
    const char *file = config_setting_source_file(setting);
    snprintf(where, WHERE_SIZE, "%s:%u", file ? file : reading->file,
             (unsigned)config_setting_source_line(setting));
    return where;
}

static void say(struct reading *reading, const config_setting_t *setting, enum said_as form, const char *text)
{
    char where[WHERE_SIZE];
    assignment_add(reading->said, place(reading, setting, where), reading->path, form, text);
}

static void say_scalar(struct reading *reading, const config_setting_t *setting)
{
    char text[32];
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        snprintf(text, sizeof text, "%lld", config_setting_get_int64(setting));
        say(reading, setting, SAID_INTEGER, text);
        break;
    case CONFIG_TYPE_FLOAT:
        snprintf(text, sizeof text, "%.17g", config_setting_get_float(setting));
        say(reading, setting, SAID_FLOAT, text);
        break;
    case CONFIG_TYPE_BOOL:
        say(reading, setting, SAID_BOOLEAN, config_setting_get_bool(setting) ? "true" : "false");
        break;
    case CONFIG_TYPE_STRING:
        say(reading, setting, SAID_STRING, config_setting_get_string(setting));
        break;
    default:
        say(reading, setting, SAID_GROUP, "");
    }
}

static void walk(struct reading *reading, const config_setting_t *group);

static void read_setting(struct reading *reading, const config_setting_t *setting)
{
    const struct setting_row *row = setting_row_find(reading->path);
    enum setting_group group = row ? GROUP_NONE : setting_group_find(reading->path);
    char where[WHERE_SIZE];
    if (row && row->type == SETTING_NAMES && (config_setting_is_array(setting) || config_setting_is_list(setting)))
        for (int i = 0; i < config_setting_length(setting); i++)
            say(reading, setting, SAID_ELEMENT, config_setting_get_string_elem(setting, i));
    else if (row)
        say_scalar(reading, setting);
    else if (group != GROUP_NONE) {
        say(reading, setting, SAID_GROUP, "");
        walk(reading, setting);
    } else
        mistake_add(reading->mistakes, place(reading, setting, where), reading->path, "unknown setting");
}

static void walk(struct reading *reading, const config_setting_t *group)
{
    size_t length = strlen(reading->path);
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(member);
        if (name)
            snprintf(reading->path + length, PATH_SIZE - length, "%s%s", length ? "." : "", name);
        else
            snprintf(reading->path + length, PATH_SIZE - length, ".[%d]", i);
        read_setting(reading, member);
        reading->path[length] = '\0';
    }
}

static void read_file(struct reading *reading)
{
    config_t config;
    config_init(&config);
    if (config_read_file(&config, reading->file))
        walk(reading, config_root_setting(&config));
    else
        mistake_add(reading->mistakes, reading->file, "syntax", "line %d: %s", config_error_line(&config),
                    config_error_text(&config));
    config_destroy(&config);
}

/* ---- which file ---- */

static char *find_file(const struct settings_source *source)
{
    const char *file = source->file ? source->file : getenv("PENSTOCK_CONFIG");
    return file ? memory_copy(file, strlen(file)) : NULL;
}

/* Without a file every preset whose key is in the environment is a provider. */
static void add_presets(struct settings *settings)
{
    const struct preset *preset;
    for (unsigned i = 0; (preset = preset_at(i)); i++) {
        const char *key = preset->key_variable ? getenv(preset->key_variable) : NULL;
        if (key && *key)
            settings_make_provider(settings, preset->name, (unsigned)strlen(preset->name));
    }
}

struct settings *settings_load(const struct settings_source *source, settings_complain *complain, void *context)
{
    struct mistakes mistakes = {.complain = complain, .context = context};
    struct settings *settings = memory_alloc(1, sizeof *settings);
    settings->said = memory_alloc(1, sizeof *settings->said);
    settings->file = find_file(source);
    settings_start(settings);
    struct reading reading = {.file = settings->file, .said = settings->said, .mistakes = &mistakes};
    if (settings->file)
        read_file(&reading);
    else
        add_presets(settings);
    environment_say(settings->said);
    command_line_say(settings->said, source->sets, source->set_count, &mistakes);
    settings_apply(settings, settings->said, &mistakes);
    settings_complete(settings, &mistakes);
    if (!mistakes.count)
        return settings;
    settings_free(settings);
    return NULL;
}

void settings_free(struct settings *settings)
{
    if (!settings)
        return;
    settings_clear(settings);
    free(settings);
}

const struct provider_settings *settings_provider(const struct settings *settings, const char *name, size_t length)
{
    for (size_t i = 0; i < settings->provider_count; i++)
        if (strlen(settings->providers[i].name) == length &&
            memcmp(settings->providers[i].name, name, length) == 0)
            return &settings->providers[i];
    return NULL;
}
