/* Reads the settings: finds the file, walks what libconfig makes of it, and puts all sources together.
 *
 * Everything that is said about a setting, wherever it is said, becomes an assignment: path, text, form,
 * place. The file's come first, then the environment's, then the command line's; the later one counts. So
 * precedence is an order in a list, and each rule about values is kept once. Only this file knows libconfig.
 */
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

/* One file being read. */
struct reading {
    const char *file;
    char *directory; /* what @include is relative to */
    struct settings_values *said;
    struct config_errors *mistakes;
    char path[SETTING_PATH_SIZE]; /* of the setting at hand */
};

/* The file as people can find it, for messages and for its access mode: libconfig gives NULL for the main
 * file, and an included one by the name it was included by (1.5) or by its whole path (1.7). */
static const char *whole_path(const struct reading *reading, const char *file, char path[static PATH_MAX])
{
    size_t length = strlen(reading->directory);
    bool whole = file && strncmp(file, reading->directory, length) == 0 && file[length] == '/';
    if (!file || whole)
        return file ? file : reading->file;
    snprintf(path, PATH_MAX, "%s/%s", reading->directory, file);
    return path;
}

static const char *place(const struct reading *reading, const config_setting_t *setting,
                         char where[static WHERE_SIZE])
{
    char path[PATH_MAX];
    snprintf(where, WHERE_SIZE, "%s:%u", whole_path(reading, config_setting_source_file(setting), path),
             (unsigned)config_setting_source_line(setting));
    return where;
}

static void tell(const struct reading *reading, const config_setting_t *setting, const char *reason)
{
    char where[WHERE_SIZE];
    config_error_add(reading->mistakes, place(reading, setting, where), reading->path, "%s", reason);
}

static void say(const struct reading *reading, const config_setting_t *setting, enum value_form form,
                const char *text)
{
    char where[WHERE_SIZE];
    settings_values_add(reading->said, place(reading, setting, where), reading->path, form, text);
}

/* ---- values ---- */

/* The shortest text that reads back as the same number, with something in it that tells it from an integer.
 */
static void print_float(double number, char text[static 32])
{
    int digits = 15;
    do
        snprintf(text, 32, "%.*g", digits, number);
    while (strtod(text, NULL) != number && ++digits <= 17);
    if (isfinite(number) && !strpbrk(text, ".e"))
        strcat(text, ".0");
}

/* Groups and lists, where a value belongs, are passed on as a form that no type takes. */
static void say_scalar(const struct reading *reading, const config_setting_t *setting)
{
    char text[32];
    switch (config_setting_type(setting)) {
    case CONFIG_TYPE_INT:
    case CONFIG_TYPE_INT64:
        snprintf(text, sizeof text, "%lld", config_setting_get_int64(setting));
        say(reading, setting, VALUE_INTEGER, text);
        break;
    case CONFIG_TYPE_FLOAT:
        print_float(config_setting_get_float(setting), text);
        say(reading, setting, VALUE_FLOAT, text);
        break;
    case CONFIG_TYPE_BOOL:
        say(reading, setting, VALUE_BOOLEAN, config_setting_get_bool(setting) ? "true" : "false");
        break;
    case CONFIG_TYPE_STRING:
        say(reading, setting, VALUE_STRING, config_setting_get_string(setting));
        break;
    default:
        say(reading, setting, VALUE_GROUP, "");
    }
}

/* Each element for itself, so that the one that is no string is the one that is told. */
static void say_elements(const struct reading *reading, const config_setting_t *setting)
{
    for (int i = 0; i < config_setting_length(setting); i++) {
        const config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
        if (config_setting_type(element) == CONFIG_TYPE_STRING)
            say(reading, element, VALUE_ELEMENT, config_setting_get_string(element));
        else
            say_scalar(reading, element);
    }
}

static bool put_json(struct buffer *json, const config_setting_t *setting, unsigned depth);

/* A group is an object; an array and a list are both arrays, for JSON does not mind mixed elements. */
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

/* False where JSON has no such value: an infinite number, or nesting beyond reason. */
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

static void say_json(const struct reading *reading, const config_setting_t *setting)
{
    struct buffer json;
    buffer_init(&json, JSON_MAX_BYTES);
    if (put_json(&json, setting, 0) && buffer_append(&json, "", 1))
        say(reading, setting, VALUE_JSON, json.bytes);
    else
        say(reading, setting, VALUE_GROUP, "");
    buffer_free(&json);
}

/* Whoever can read the file has the key. The group may: it is how a CGI program that runs as the web server's
 * user gets at it. */
static void check_mode(const struct reading *reading, const config_setting_t *setting)
{
    struct stat status;
    char path[PATH_MAX];
    const char *key = config_setting_get_string(setting);
    const char *file = whole_path(reading, config_setting_source_file(setting), path);
    if (key && *key && (stat(file, &status) != 0 || (status.st_mode & S_IRWXO)))
        tell(reading, setting,
             "others can read the file that holds this key; chmod o= helps, or api_key_file");
}

/* ---- the tree ---- */

static void walk(struct reading *reading, const config_setting_t *group);

static void read_group(struct reading *reading, const config_setting_t *setting, enum setting_group kind)
{
    if (kind == GROUP_LIST && !config_setting_is_list(setting))
        tell(reading, setting, "must be a list of groups: ( { ... }, { ... } )");
    else if (kind == GROUP_NAMES && !config_setting_is_group(setting))
        tell(reading, setting, "must be a group: { ... }");
    else {
        say(reading, setting, VALUE_GROUP, "");
        walk(reading, setting);
    }
}

static void read_unknown(const struct reading *reading, const config_setting_t *setting)
{
    char nearest[SETTING_PATH_SIZE], reason[SETTING_PATH_SIZE + 64] = "unknown setting";
    if (setting_suggest(reading->path, nearest))
        snprintf(reason, sizeof reason, "unknown setting; did you mean %s?", nearest);
    tell(reading, setting, reason);
}

static void read_setting(struct reading *reading, const config_setting_t *setting)
{
    const struct setting_row *row = setting_row_find(reading->path);
    enum setting_group group = row ? GROUP_NONE : setting_group_find(reading->path);
    if (group != GROUP_NONE)
        read_group(reading, setting, group);
    else if (!row)
        read_unknown(reading, setting);
    else if (row->type == SETTING_JSON)
        say_json(reading, setting);
    else if (row->type == SETTING_NAMES &&
             (config_setting_is_array(setting) || config_setting_is_list(setting)))
        say_elements(reading, setting);
    else
        say_scalar(reading, setting);
    if (row && row->type == SETTING_SECRET)
        check_mode(reading, setting);
}

/* The table's depth bounds the recursion: what is unknown is not entered. */
static void walk(struct reading *reading, const config_setting_t *group)
{
    size_t length = strlen(reading->path), room = sizeof reading->path - length;
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(member);
        int wanted = name ? snprintf(reading->path + length, room, "%s%s", length ? "." : "", name)
                          : snprintf(reading->path + length, room, ".[%d]", i);
        if ((size_t)wanted < room)
            read_setting(reading, member);
        else
            tell(reading, member, "the name is too long");
        reading->path[length] = '\0';
    }
}

/* ---- the file ---- */

/* All texts in the tree belong to `config`; whatever is to outlive this function has been copied by say(). */
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
        snprintf(where, sizeof where, "%s:%d", whole_path(reading, config_error_file(&config), path),
                 config_error_line(&config));
        config_error_add(reading->mistakes, where, "syntax", "%s", config_error_text(&config));
    }
    config_destroy(&config);
    return good;
}

/* What libconfig would misread or not survive is told before it sees the text. False when there are no
 * settings. */
static bool read_file(struct reading *reading)
{
    char *text = config_text_read(reading->file, reading->mistakes);
    if (!text)
        return false;
    const char *slash = strrchr(reading->file, '/');
    reading->directory = slash ? memory_copy(reading->file, (size_t)(slash - reading->file))
                               : memory_copy(".", 1);
    config_text_check(reading->file, reading->directory, text, reading->mistakes);
    bool good = !reading->mistakes->count && parse(reading, text);
    free(reading->directory);
    config_text_free(text);
    return good;
}

/* HOME is not there in CGI; then the user's entry tells. A home that cannot be looked into (a worker that was
 * root when it got its HOME) is as good as one without the file. */
static char *find_home_file(void)
{
    const char *home = getenv("HOME");
    if (!home || *home != '/') {
        const struct passwd *user = getpwuid(getuid());
        home = user ? user->pw_dir : NULL;
    }
    struct buffer path;
    buffer_init(&path, PATH_MAX);
    bool there = home && buffer_format(&path, "%s/.config/penstock/penstock.conf", home) &&
                 buffer_append(&path, "", 1) && access(path.bytes, F_OK) == 0;
    char *file = there ? memory_copy(path.bytes, strlen(path.bytes)) : NULL;
    buffer_free(&path);
    return file;
}

/* A file that is named must be there; one that is only looked for need not. NULL: none. Where the general one
 * may exist and we may not look, going on without it could open what it closes: so it is named, and fails. */
static char *find_file(const struct settings_source *source)
{
    const char *general = source->general_file ? source->general_file : SYSCONFDIR "/penstock/penstock.conf";
    const char *named = source->file ? source->file : getenv("PENSTOCK_CONFIG");
    if (named && *named)
        return memory_copy(named, strlen(named));
    char *file = find_home_file();
    if (!file && (access(general, F_OK) == 0 || errno == EACCES))
        file = memory_copy(general, strlen(general));
    return file;
}

/* ---- all together ---- */

/* Two presets may share a variable; the first one has it. */
static bool is_taken(const char *variable, unsigned before)
{
    for (unsigned i = 0; i < before; i++) {
        const char *other = preset_at(i)->key_variable;
        if (other && strcmp(other, variable) == 0)
            return true;
    }
    return false;
}

/* Without a file every preset whose key is in the environment is a provider. A server of one's own, which
 * wants no key, is not there because a variable is. */
static void add_presets(struct settings *settings)
{
    const struct preset *preset;
    for (unsigned i = 0; (preset = preset_at(i)); i++) {
        const char *key = preset->key_variable ? getenv(preset->key_variable) : NULL;
        if (key && *key && preset->base_url && preset->key_needed && !is_taken(preset->key_variable, i))
            settings_add_provider(settings, preset->name, strlen(preset->name));
    }
}

/* The order of the sources is their precedence. What follows from several values comes last; and nothing of
 * it is told of a file that could not be read at all, for it would only be noise. */
static void read_all(struct settings *settings, const struct settings_source *source,
                     struct config_errors *mistakes)
{
    struct reading reading = {.file = settings->file, .said = settings->said, .mistakes = mistakes};
    settings_set_defaults(settings);
    if (settings->file && !read_file(&reading))
        return;
    if (!settings->file)
        add_presets(settings);
    settings_read_env(settings->said);
    settings_read_cli(settings->said, source->sets, source->set_count, mistakes);
    settings_apply(settings, settings->said, mistakes);
    settings_complete(settings, mistakes);
}

struct settings *settings_load(const struct settings_source *source, config_error_handler *complain,
                               void *context)
{
    struct config_errors mistakes = {.complain = complain, .context = context};
    struct settings *settings = memory_alloc(1, sizeof *settings);
    settings->said = memory_alloc(1, sizeof *settings->said);
    settings->file = find_file(source);
    read_all(settings, source, &mistakes);
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
