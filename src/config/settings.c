/* Reads the settings: finds the file, walks the tree that libconfig parses, and merges all sources.
 *
 * Each value becomes an item of one list, with its path, text, form and origin. The file's values come first,
 * then the environment's, then the command line's; the last value applies. So the order of the list is the
 * precedence, and each rule about values is written once. Only this file includes libconfig.h. */
#include "config/settings.h"

#include <errno.h>
#include <libconfig.h>
#include <limits.h>
#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "config/config_file.h"
#include "config/config_text.h"
#include "config/preset.h"
#include "config/settings_apply.h"
#include "config/settings_env_cli.h"
#include "config/settings_rules.h"
#include "config/settings_table.h"
#include "config/settings_values.h"
#include "format/json_write.h"

#define WHERE_SIZE (PATH_MAX + 16)
#define JSON_NESTING 32
#define JSON_MAX_BYTES (1 << 20)

struct reading {
    const char *file;
    char *directory; /* the directory of @include's relative paths */
    struct settings_values *values;
    struct config_errors *errors;
    char path[SETTING_PATH_SIZE]; /* path of the setting being read */
};

/* Returns the path of a file, for messages and for its access mode. libconfig returns NULL for the main file;
 * for an included file, libconfig 1.5 returns the name in the directive, and 1.7 the path. */
static const char *file_path(const struct reading *reading, const char *file, char path[static PATH_MAX])
{
    size_t length = strlen(reading->directory);
    bool is_path = file && strncmp(file, reading->directory, length) == 0 && file[length] == '/';
    if (!file || is_path)
        return file ? file : reading->file;
    snprintf(path, PATH_MAX, "%s/%s", reading->directory, file);
    return path;
}

static const char *origin(const struct reading *reading, const config_setting_t *setting,
                          char where[static WHERE_SIZE])
{
    char path[PATH_MAX];
    snprintf(where, WHERE_SIZE, "%s:%u", file_path(reading, config_setting_source_file(setting), path),
             (unsigned)config_setting_source_line(setting));
    return where;
}

static void report(const struct reading *reading, const config_setting_t *setting, const char *reason)
{
    char where[WHERE_SIZE];
    config_error_add(reading->errors, origin(reading, setting, where), reading->path, "%s", reason);
}

static void add(const struct reading *reading, const config_setting_t *setting, enum value_form form,
                const char *text)
{
    char where[WHERE_SIZE];
    settings_values_add(reading->values, origin(reading, setting, where), reading->path, form, text);
}

/* ---- values ---- */

/* Prints the shortest text that reads back as the same number and not as an integer. */
static void print_float(double number, char text[static 32])
{
    int digits = 15;
    do
        snprintf(text, 32, "%.*g", digits, number);
    while (strtod(text, NULL) != number && ++digits <= 17);
    if (isfinite(number) && !strpbrk(text, ".e"))
        strcat(text, ".0");
}

/* A group or a list in place of a value gets a form that no type accepts. */
static void add_scalar(const struct reading *reading, const config_setting_t *setting)
{
    char text[32];
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        snprintf(text, sizeof text, "%lld", config_setting_get_int64(setting));
        add(reading, setting, VALUE_INTEGER, text);
        break;
    case CONFIG_TYPE_FLOAT:
        print_float(config_setting_get_float(setting), text);
        add(reading, setting, VALUE_FLOAT, text);
        break;
    case CONFIG_TYPE_BOOL:
        add(reading, setting, VALUE_BOOLEAN, config_setting_get_bool(setting) ? "true" : "false");
        break;
    case CONFIG_TYPE_STRING:
        add(reading, setting, VALUE_STRING, config_setting_get_string(setting));
        break;
    default:
        add(reading, setting, VALUE_GROUP, "");
    }
}

static void add_json(const struct reading *reading, const config_setting_t *setting);

/* Adds each element on its own, so that an error points at the element. `groups`: an element may be a group.
 */
static void add_elements(const struct reading *reading, const config_setting_t *setting, bool groups)
{
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
        if (config_setting_type(element) == CONFIG_TYPE_STRING)
            add(reading, element, VALUE_ELEMENT, config_setting_get_string(element));
        else if (groups && config_setting_is_group(element))
            add_json(reading, element);
        else
            add_scalar(reading, element);
    }
}

static bool put_json(struct buffer *json, const config_setting_t *setting, unsigned depth);

/* Writes a group as an object, and an array or a list as an array. */
static bool put_json_members(struct buffer *json, const config_setting_t *setting, unsigned depth)
{
    bool is_group = config_setting_is_group(setting), good = buffer_append(json, is_group ? "{" : "[", 1);
    for (int i = 0; good && i < config_setting_length(setting); i++) {
        const config_setting_t *member = config_setting_get_elem(setting, (unsigned)i);
        const char *name = config_setting_name(member);
        good = (i == 0 || buffer_append(json, ",", 1)) &&
               (!is_group || (json_quote(json, name, strlen(name)) && buffer_append(json, ":", 1))) &&
               put_json(json, member, depth + 1);
    }
    return good && buffer_append(json, is_group ? "}" : "]", 1);
}

/* Returns false for an infinite number, which JSON cannot represent, and for excessive nesting. */
static bool put_json(struct buffer *json, const config_setting_t *setting, unsigned depth)
{
    char text[32];
    const char *string;
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        return buffer_format(json, "%lld", config_setting_get_int64(setting));
    case CONFIG_TYPE_FLOAT:
        print_float(config_setting_get_float(setting), text);
        return isfinite(config_setting_get_float(setting)) && buffer_append(json, text, strlen(text));
    case CONFIG_TYPE_BOOL:
        return buffer_format(json, "%s", config_setting_get_bool(setting) ? "true" : "false");
    case CONFIG_TYPE_STRING:
        string = config_setting_get_string(setting);
        return json_quote(json, string, strlen(string));
    default:
        return depth < JSON_NESTING && put_json_members(json, setting, depth);
    }
}

static void add_json(const struct reading *reading, const config_setting_t *setting)
{
    struct buffer json;
    buffer_init(&json, JSON_MAX_BYTES);
    if (put_json(&json, setting, 0) && buffer_append(&json, "", 1))
        add(reading, setting, VALUE_JSON, json.bytes);
    else
        add(reading, setting, VALUE_GROUP, "");
    buffer_free(&json);
}

/* A file with a key must not be accessible to other users. The group may read the file, so that a CGI program
 * that runs as the web server's user can read the key. */
static void check_mode(const struct reading *reading, const config_setting_t *setting)
{
    struct stat status;
    char path[PATH_MAX];
    const char *key = config_setting_get_string(setting);
    const char *file = file_path(reading, config_setting_source_file(setting), path);
    if (key && *key && (stat(file, &status) != 0 || (status.st_mode & S_IRWXO)))
        report(reading, setting,
               "other users can access the file that holds this secret; run chmod o= on it");
}

/* ---- the tree ---- */

static void walk(struct reading *reading, const config_setting_t *group);

static void read_group(struct reading *reading, const config_setting_t *setting, enum setting_group kind)
{
    if (kind == GROUP_LIST && !config_setting_is_list(setting))
        report(reading, setting, "must be a list of groups: ( { ... }, { ... } )");
    else if (kind == GROUP_NAMES && !config_setting_is_group(setting))
        report(reading, setting, "must be a group: { ... }");
    else {
        add(reading, setting, VALUE_GROUP, "");
        walk(reading, setting);
    }
}

static void read_unknown(const struct reading *reading, const config_setting_t *setting)
{
    char nearest[SETTING_PATH_SIZE], reason[SETTING_PATH_SIZE + 64] = "unknown setting";
    if (setting_suggest(reading->path, nearest))
        snprintf(reason, sizeof reason, "unknown setting; did you mean %s?", nearest);
    report(reading, setting, reason);
}

static void read_setting(struct reading *reading, const config_setting_t *setting)
{
    const struct setting_row *row = setting_row_find(reading->path);
    if (!row)
        row = setting_row_find_old(reading->path);
    enum setting_group group = row ? GROUP_NONE : setting_group_find(reading->path);
    if (group != GROUP_NONE)
        read_group(reading, setting, group);
    else if (!row)
        read_unknown(reading, setting);
    else if (row->type == SETTING_JSON)
        add_json(reading, setting);
    else if ((row->type == SETTING_NAMES || row->type == SETTING_TARGETS) &&
             (config_setting_is_array(setting) || config_setting_is_list(setting)))
        add_elements(reading, setting, row->type == SETTING_TARGETS);
    else
        add_scalar(reading, setting);
    if (row && row->type == SETTING_SECRET)
        check_mode(reading, setting);
}

/* The recursion is no deeper than the paths of the table, because unknown groups are not entered. */
static void walk(struct reading *reading, const config_setting_t *group)
{
    size_t length = strlen(reading->path), size = sizeof reading->path - length;
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(member);
        int length_needed = name ? snprintf(reading->path + length, size, "%s%s", length ? "." : "", name)
                                 : snprintf(reading->path + length, size, ".[%d]", i);
        if ((size_t)length_needed < size)
            read_setting(reading, member);
        else
            report(reading, member, "the name is too long");
        reading->path[length] = '\0';
    }
}

/* ---- the file ---- */

/* All texts in the tree belong to `config`; add() copies those that are kept. */
static bool parse(struct reading *reading, const char *text)
{
    config_t config;
    config_init(&config);
    config_set_include_dir(&config, reading->directory);
    bool good = config_read_string(&config, text);
    if (good) {
        walk(reading, config_root_setting(&config));
    } else {
        char path[PATH_MAX], where[WHERE_SIZE];
        snprintf(where, sizeof where, "%s:%d", file_path(reading, config_error_file(&config), path),
                 config_error_line(&config));
        config_error_add(reading->errors, where, "syntax", "%s", config_error_text(&config));
    }
    config_destroy(&config);
    return good;
}

/* Checks the text before libconfig parses it. Returns false if no settings could be read. */
static bool read_file(struct reading *reading)
{
    const char *error;
    char *text = config_file_read(reading->file, &error);
    if (!text) {
        config_error_add(reading->errors, reading->file, "the file", "%s", error);
        return false;
    }
    const char *slash = strrchr(reading->file, '/');
    reading->directory = slash ? memory_copy(reading->file, (size_t)(slash - reading->file))
                               : memory_copy(".", 1);
    config_text_check(reading->file, reading->directory, text, reading->errors);
    bool good = !reading->errors->count && parse(reading, text);
    free(reading->directory);
    config_file_free(text);
    return good;
}

/* CGI does not set HOME, so the user's passwd entry is used instead. A home directory that cannot be
 * searched, such as root's for a worker that was started as root, counts as a directory without the file. */
static char *find_home_file(void)
{
    const char *home = getenv("HOME");
    if (!home || *home != '/') {
        const struct passwd *user = getpwuid(getuid());
        home = user ? user->pw_dir : NULL;
    }
    struct buffer path;
    buffer_init(&path, PATH_MAX);
    bool exists = home && buffer_format(&path, "%s/.config/penstock/penstock.conf", home) &&
                  buffer_append(&path, "", 1) && access(path.bytes, F_OK) == 0;
    char *file = exists ? memory_copy(path.bytes, strlen(path.bytes)) : NULL;
    buffer_free(&path);
    return file;
}

/* Returns the path of the file, or NULL if there is none. A file that -c or PENSTOCK_CONFIG names must exist;
 * the files in the default locations need not. If the directory of the system's file cannot be searched,
 * returns the file's path nevertheless, so that reading fails: without the file, the gateway could permit
 * requests that the file forbids. */
static char *find_file(const struct settings_source *source)
{
    const char *system_file = source->system_file ? source->system_file
                                                  : SYSCONFDIR "/penstock/penstock.conf";
    const char *named = source->file ? source->file : getenv("PENSTOCK_CONFIG");
    if (named && *named)
        return memory_copy(named, strlen(named));
    char *file = find_home_file();
    if (!file && (access(system_file, F_OK) == 0 || errno == EACCES))
        file = memory_copy(system_file, strlen(system_file));
    return file;
}

/* ---- all together ---- */

/* If two presets share a variable, only the first becomes a provider. */
static bool is_taken(const char *variable, unsigned before)
{
    for (unsigned i = 0; i < before; i++) {
        const char *other = preset_at(i)->key_variable;
        if (other && strcmp(other, variable) == 0)
            return true;
    }
    return false;
}

/* Without a file, every preset whose key is in the environment becomes a provider. The presets of local
 * servers, which need no key, do not. */
static void add_presets(struct settings *settings)
{
    const struct preset *preset;
    for (unsigned i = 0; (preset = preset_at(i)); i++) {
        const char *key = preset->key_variable ? getenv(preset->key_variable) : NULL;
        if (key && *key && preset->base_url && preset->key_needed && !is_taken(preset->key_variable, i))
            settings_add_provider(settings, preset->name, strlen(preset->name));
    }
}

/* The order of the sources is their precedence. Rules that join several settings come last, and are skipped
 * when the file could not be parsed: errors that follow from the syntax error would only be noise. */
static void read_all(struct settings *settings, const struct settings_source *source,
                     struct config_errors *errors)
{
    struct reading reading = {.file = settings->file, .values = settings->values, .errors = errors};
    settings_set_defaults(settings);
    if (settings->file && !read_file(&reading))
        return;
    if (!settings->file)
        add_presets(settings);
    settings_read_env(settings->values);
    settings_read_cli(settings->values, source->sets, source->set_count, errors);
    settings_apply(settings, settings->values, errors);
    settings_complete(settings, errors);
}

struct settings *settings_load(const struct settings_source *source, config_error_handler *report_error,
                               void *context)
{
    struct config_errors errors = {.report = report_error, .context = context};
    struct settings *settings = memory_alloc(1, sizeof *settings);
    settings->values = memory_alloc(1, sizeof *settings->values);
    settings->file = find_file(source);
    read_all(settings, source, &errors);
    if (!errors.count)
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

const struct provider_settings *settings_provider(const struct settings *settings, const char *name,
                                                  size_t length)
{
    for (size_t i = 0; i < settings->provider_count; i++) {
        const struct provider_settings *provider = &settings->providers[i];
        if (strlen(provider->name) == length && memcmp(provider->name, name, length) == 0)
            return provider;
    }
    return NULL;
}
