/* Prints settings in the syntax of penstock.conf: those in effect, or the defaults with their descriptions.
 *
 * Rows are printed in the order of the table, which keeps the settings of a group together, so groups are
 * opened and closed where the path changes from one row to the next. */
#include "config/settings_dump.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "config/preset.h"
#include "config/settings_apply.h"
#include "config/settings_format.h"
#include "config/settings_table.h"
#include "config/settings_types.h"
#include "config/settings_values.h"

#define TEXT_SIZE (2 * SETTING_PATH_SIZE)
#define COLUMNS 78 /* line length of a description */

struct printer {
    FILE *out;
    bool defaults;                 /* print comments, with descriptions rather than origins */
    char group[SETTING_PATH_SIZE]; /* the open group */
    const struct settings_values *values;
};

/* ---- lines and groups ---- */

static unsigned depth(const struct printer *printer)
{
    unsigned count = *printer->group != '\0';
    for (const char *byte = printer->group; *byte; byte++)
        count += *byte == '.';
    return count;
}

static void indent(const struct printer *printer)
{
    fprintf(printer->out, "%s%*s", printer->defaults ? "#" : "", 4 * (int)depth(printer), "");
}

static void line(const struct printer *printer, const char *text)
{
    indent(printer);
    fprintf(printer->out, "%s\n", text);
}

/* Shortens the path before it prints the line, so that the brace is below the group's name. */
static void close_group(struct printer *printer)
{
    char *last = strrchr(printer->group, '.');
    *(last ? last : printer->group) = '\0';
    line(printer, "};");
}

static void open_group(struct printer *printer, const char *name, size_t length)
{
    size_t used = strlen(printer->group);
    indent(printer);
    fprintf(printer->out, "%.*s: {\n", (int)length, name);
    snprintf(printer->group + used, sizeof printer->group - used, "%s%.*s", used ? "." : "", (int)length,
             name);
}

/* True if the path is in the group. */
static bool contains(const char *group, const char *path)
{
    size_t length = strlen(group);
    return length == 0 || (strncmp(group, path, length) == 0 && path[length] == '.');
}

/* Closes and opens groups until the group of `path` is open; returns the last part of the path. */
static const char *open_groups_of(struct printer *printer, const char *path)
{
    while (!contains(printer->group, path))
        close_group(printer);
    const char *name = path + strlen(printer->group) + (*printer->group != '\0');
    if (printer->defaults && !*printer->group)
        fprintf(printer->out, "\n");
    for (size_t length; name[length = strcspn(name, ".")]; name += length + 1)
        open_group(printer, name, length);
    return name;
}

static void close_all(struct printer *printer)
{
    while (*printer->group)
        close_group(printer);
}

/* ---- settings ---- */

/* Writes the path of a row for the provider `name`, or for `member` of a row of pairs. */
static void fill_in(const char *pattern, const char *name, const char *member, char path[static TEXT_SIZE])
{
    const char *fillings[] = {name, member};
    size_t used = 0, next = 0;
    for (; *pattern && used + 1 < TEXT_SIZE; pattern++) {
        if (*pattern == '*' && next < 2)
            used += (size_t)snprintf(path + used, TEXT_SIZE - used, "%.200s", fillings[next++]);
        else
            path[used++] = *pattern;
    }
    path[used] = '\0';
}

/* Prints the origin of a value, or else `otherwise`, which may be NULL. */
static void print_origin(const struct printer *printer, const char *path, const char *otherwise)
{
    const char *origin = printer->values ? settings_values_origin(printer->values, path, otherwise) : NULL;
    if (origin)
        fprintf(printer->out, " # %s", origin);
    fputc('\n', printer->out);
}

/* Returns the number of bytes of `text` that fit into `width` columns. A line does not break after a colon,
 * as in "0: never". */
static size_t fitting_length(const char *text, size_t width)
{
    size_t length = strlen(text);
    if (length <= width)
        return length;
    for (size_t i = width; i > 0; i--)
        if (text[i] == ' ' && text[i - 1] != ':')
            return i;
    return width;
}

static void describe(const struct printer *printer, const struct setting_row *row)
{
    size_t column = 4 * depth(printer) + (depth(printer) ? 3 : 2), length;
    if (!printer->defaults)
        return;
    for (const char *text = row->description; *text; text += length + (text[length] == ' ')) {
        length = fitting_length(text, COLUMNS - column);
        if (depth(printer))
            indent(printer);
        fprintf(printer->out, "# %.*s\n", (int)length, text);
    }
}

static void print_scalar(struct printer *printer, const struct setting_row *row, const char *path,
                         const void *base, const char *otherwise)
{
    const char *name = open_groups_of(printer, path);
    describe(printer, row);
    indent(printer);
    fprintf(printer->out, "%s = ", name);
    setting_print(row, base, printer->out);
    fputc(';', printer->out);
    print_origin(printer, path, otherwise);
}

/* Prints a comment, because a value "(set)" would be read as the key. */
static void print_hidden(struct printer *printer, const char *path, const char *otherwise)
{
    const char *name = open_groups_of(printer, path);
    indent(printer);
    fprintf(printer->out, "# %s = \"(set)\";", name);
    print_origin(printer, path, otherwise);
}

static bool is_general(const struct setting_row *row)
{
    return !strpbrk(row->path, "*#");
}

static void print_general(struct printer *printer, const struct settings *settings)
{
    const struct setting_row *row;
    for (size_t i = 0; (row = setting_row_at(i)); i++) {
        bool is_hidden = row->type == SETTING_SECRET && !printer->defaults;
        if (!is_general(row))
            continue;
        if (!is_hidden)
            print_scalar(printer, row, row->path, settings, NULL);
        else if (((const struct secret *)(const void *)((const char *)settings + row->offset))->length)
            print_hidden(printer, row->path, NULL);
    }
    close_all(printer);
}

/* ---- providers ---- */

/* Dumps are pasted into bug reports. Headers may carry keys, and the address of a proxy may contain a
 * password. */
static bool is_secret(const char *path, const char *value)
{
    static const char *const words[] = {"key", "token", "secret", "auth", "cookie", "password", NULL};
    const char *header = strstr(path, ".headers.");
    for (const char *const *word = words; header && *word; word++)
        if (strcasestr(header, *word))
            return true;
    return strstr(path, ".proxy") && value && strchr(value, '@');
}

/* Names and values that only --set can set, such as null, are printed as comments. */
static void print_pair(struct printer *printer, const struct setting_row *row, const char *path,
                       const char *value)
{
    bool is_json = row->type == SETTING_JSON;
    if (is_secret(path, value)) {
        print_hidden(printer, path, NULL);
        return;
    }
    const char *name = open_groups_of(printer, path);
    bool is_valid = config_is_name(name) && (!is_json || config_can_hold_json(value));
    indent(printer);
    fprintf(printer->out, "%s%s = ", is_valid ? "" : "# ", name);
    if (!is_json)
        config_print_string(value, printer->out);
    else if (is_valid)
        config_print_json(value, printer->out);
    else
        fputs(value, printer->out);
    fputc(';', printer->out);
    print_origin(printer, path, NULL);
}

static void print_pairs(struct printer *printer, const struct setting_row *row,
                        const struct provider_settings *provider)
{
    const struct name_value_list *pairs = (const void *)((const char *)provider + row->offset);
    char path[TEXT_SIZE];
    for (size_t i = 0; i < pairs->count; i++) {
        fill_in(row->path, provider->name, pairs->items[i].name, path);
        print_pair(printer, row, path, pairs->items[i].value);
    }
    if (!printer->defaults)
        return;
    fill_in(row->path, provider->name, "NAME", path);
    const char *name = open_groups_of(printer, path);
    describe(printer, row);
    indent(printer);
    fprintf(printer->out, "%s = \"VALUE\";\n", name);
}

/* A value that is not set may come from the preset. */
static const char *preset_origin(const struct setting_row *row, const struct provider_settings *provider,
                                 char origin[static TEXT_SIZE])
{
    bool address = row->offset == offsetof(struct provider_settings, base_url);
    bool is_limit = row->offset == offsetof(struct provider_settings, first_byte_ms) ||
                    row->offset == offsetof(struct provider_settings, idle_ms);
    const int64_t *field = (const int64_t *)(const void *)((const char *)provider + row->offset);
    snprintf(origin, TEXT_SIZE, "preset %s", provider->preset->name);
    return address || (is_limit && *field == provider->preset->silence_ms) ? origin : NULL;
}

static void print_provider_row(struct printer *printer, const struct setting_row *row,
                               const struct provider_settings *provider)
{
    char path[TEXT_SIZE], origin[TEXT_SIZE];
    const void *field = (const char *)provider + row->offset;
    bool is_text = row->type == SETTING_TEXT || row->type == SETTING_PATH;
    fill_in(row->path, provider->name, "", path);
    if (row->type == SETTING_PAIR || row->type == SETTING_JSON)
        print_pairs(printer, row, provider);
    else if (printer->defaults)
        print_scalar(printer, row, path, provider, NULL);
    else if (row->type == SETTING_SECRET && provider->key_origin)
        print_hidden(printer, path, provider->key_origin);
    else if (is_text && is_secret(path, *(char *const *)field))
        print_hidden(printer, path, NULL);
    else if (row->type != SETTING_SECRET)
        print_scalar(printer, row, path, provider, preset_origin(row, provider, origin));
}

static void print_provider(struct printer *printer, const struct provider_settings *provider)
{
    const struct setting_row *row;
    for (size_t i = 0; (row = setting_row_at(i)); i++)
        if (row->owner == OWNER_PROVIDER)
            print_provider_row(printer, row, provider);
}

/* ---- lists of groups ---- */

/* A list of groups. */
struct list {
    const char *name;
    const void *items;
    size_t count, size;
};

static void print_member(struct printer *printer, const struct setting_row *row, const void *item,
                         const char *item_path)
{
    const char *name = open_groups_of(printer, row->path);
    describe(printer, row);
    indent(printer);
    fprintf(printer->out, "%s = ", name);
    setting_print(row, item, printer->out);
    fputc(';', printer->out);
    print_origin(printer, item_path, NULL);
}

/* For open_groups_of(), the item is the open group "LIST.#". */
static void print_item(struct printer *printer, const struct list *list, size_t index)
{
    const struct setting_row *row;
    const char *margin = printer->defaults ? "#" : "";
    char group[SETTING_PATH_SIZE], item_path[SETTING_PATH_SIZE];
    size_t length = (size_t)snprintf(group, sizeof group, "%s.#", list->name);
    fprintf(printer->out, "%s    {\n", margin);
    memcpy(printer->group, group, length + 1);
    for (size_t i = 0; (row = setting_row_at(i)); i++) {
        if (!contains(group, row->path))
            continue;
        snprintf(item_path, sizeof item_path, "%s.[%zu].%s", list->name, index, row->path + length + 1);
        print_member(printer, row, (const char *)list->items + index * list->size, item_path);
    }
    while (strcmp(printer->group, group) != 0)
        close_group(printer);
    *printer->group = '\0';
    fprintf(printer->out, "%s    }%s\n", margin, index + 1 == list->count ? "" : ",");
}

static void print_list(struct printer *printer, const struct list *list)
{
    if (!list->count)
        return;
    fprintf(printer->out, "%s%s: (\n", printer->defaults ? "\n#" : "", list->name);
    for (size_t i = 0; i < list->count; i++)
        print_item(printer, list, i);
    fprintf(printer->out, "%s);\n", printer->defaults ? "#" : "");
}

static void print_clients(struct printer *printer, const struct client_settings *clients, size_t count)
{
    print_list(printer, &(struct list){"clients", clients, count, sizeof *clients});
}

static void print_aliases(struct printer *printer, const struct alias_settings *aliases, size_t count)
{
    print_list(printer, &(struct list){"aliases", aliases, count, sizeof *aliases});
}

/* ---- all ---- */

/* Prints a group that has only hidden values too, because an empty group is valid. */
void settings_dump(const struct settings *settings, FILE *out)
{
    struct printer printer = {.out = out, .values = settings->values};
    print_general(&printer, settings);
    for (size_t i = 0; i < settings->provider_count; i++)
        print_provider(&printer, &settings->providers[i]);
    close_all(&printer);
    print_clients(&printer, settings->clients, settings->client_count);
    print_aliases(&printer, settings->aliases, settings->alias_count);
}

/* Prints all lines as comments, so that settings can be added at the end without duplicates. Prints one
 * example each of a provider, a client and an alias. */
void settings_dump_defaults(FILE *out)
{
    struct settings settings = {0};
    struct client_settings client = {0};
    struct alias_settings alias = {0};
    struct printer printer = {.out = out, .defaults = true};
    settings_set_defaults(&settings);
    settings_set_alias_defaults(&alias);
    settings_add_provider(&settings, "NAME", 4);
    fputs("# penstock.conf: every setting, commented out at its default. penstock.conf(5) describes\n"
          "# them; penstock check verifies this file. Sizes and modes are strings, durations are\n"
          "# seconds. To change a setting in a group, remove the # before the group's lines too, or\n"
          "# add a group with only that setting: each group can be given once.\n",
          out);
    print_general(&printer, &settings);
    fputs("\n# Providers. The name of a preset is enough for a provider that has one:\n"
          "# providers: { nvidia: { }; };\n",
          out);
    print_provider(&printer, &settings.providers[0]);
    close_all(&printer);
    fputs("\n# Clients. penstock key new NAME creates an entry and its key.\n", out);
    print_clients(&printer, &client, 1);
    fputs("\n# Aliases. Clients can use the name instead of a model's:\n"
          "# aliases: ( { name = \"fast\"; targets = [ \"groq:llama-3.1-8b-instant\" ]; } );\n",
          out);
    print_aliases(&printer, &alias, 1);
    settings_clear(&settings);
}
