/* Settings printed in the syntax of penstock.conf, once with what is in force, once with the defaults
 * explained.
 *
 * The rows come in the order of the table, in which the settings of a group stand together: so groups are
 * opened and closed as the path changes from one row to the next. */
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

struct printer {
    FILE *out;
    const char *margin;            /* before each line: "# " for what is an example only */
    bool explain;                  /* sentences rather than origins */
    char group[SETTING_PATH_SIZE]; /* the one that is open */
    const struct settings_values *said;
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
    fprintf(printer->out, "%s%*s", printer->margin, 4 * (int)depth(printer), "");
}

static void line(const struct printer *printer, const char *text)
{
    indent(printer);
    fprintf(printer->out, "%s\n", text);
}

/* The name is cut off before the line is printed, which puts the brace below the group's own name. */
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

/* Is the open group one of those that `path` lies in? */
static bool leads_to(const char *group, const char *path)
{
    size_t length = strlen(group);
    return length == 0 || (strncmp(group, path, length) == 0 && path[length] == '.');
}

/* Closes and opens groups until that of the setting at `path` is open; returns the setting's own name. */
static const char *go_to(struct printer *printer, const char *path)
{
    while (!leads_to(printer->group, path))
        close_group(printer);
    const char *name = path + strlen(printer->group) + (*printer->group != '\0');
    if (printer->explain && !*printer->group)
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

/* The path of a row for the provider `name`, or for `member` of a row that keeps pairs. */
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

/* Where a value comes from: what was said, or else `standard`, which may be NULL. */
static void print_origin(const struct printer *printer, const char *path, const char *standard)
{
    const char *where = printer->said ? settings_values_origin(printer->said, path, standard) : NULL;
    if (where)
        fprintf(printer->out, " # %s", where);
    fputc('\n', printer->out);
}

static void explain(const struct printer *printer, const struct setting_row *row)
{
    if (!printer->explain)
        return;
    indent(printer);
    fprintf(printer->out, "# %s\n", row->sentence);
}

static void print_scalar(struct printer *printer, const struct setting_row *row, const char *path,
                         const void *base, const char *standard)
{
    const char *name = go_to(printer, path);
    explain(printer, row);
    indent(printer);
    fprintf(printer->out, "%s = ", name);
    setting_print(row, base, printer->out);
    fputc(';', printer->out);
    print_origin(printer, path, standard);
}

/* As a comment: read again as it stands, "(set)" would be taken for the key. */
static void print_hidden(struct printer *printer, const char *path, const char *standard)
{
    const char *name = go_to(printer, path);
    indent(printer);
    fprintf(printer->out, "# %s = \"(set)\";", name);
    print_origin(printer, path, standard);
}

static bool is_general(const struct setting_row *row)
{
    return !strpbrk(row->path, "*#");
}

static void print_general(struct printer *printer, const struct settings *settings)
{
    const struct setting_row *row;
    for (size_t i = 0; (row = setting_row_at(i)); i++) {
        bool is_hidden = row->type == SETTING_SECRET && !printer->explain;
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

/* A dump is what people paste into reports of problems. Headers carry keys too, and a proxy's address may
 * hold a password. */
static bool is_secret(const char *path, const char *value)
{
    static const char *const words[] = {"key", "token", "secret", "auth", "cookie", "password", NULL};
    const char *header = strstr(path, ".headers.");
    for (const char *const *word = words; header && *word; word++)
        if (strcasestr(header, *word))
            return true;
    return strstr(path, ".proxy") && value && strchr(value, '@');
}

/* Names and values that only --set can bring in, such as null, are shown as comments. */
static void print_pair(struct printer *printer, const struct setting_row *row, const char *path,
                       const char *value)
{
    bool is_json = row->type == SETTING_JSON;
    if (is_secret(path, value)) {
        print_hidden(printer, path, NULL);
        return;
    }
    const char *name = go_to(printer, path);
    bool speakable = config_is_name(name) && (!is_json || config_can_hold_json(value));
    indent(printer);
    fprintf(printer->out, "%s%s = ", speakable ? "" : "# ", name);
    if (!is_json)
        config_print_string(value, printer->out);
    else if (speakable)
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
    if (!printer->explain)
        return;
    fill_in(row->path, provider->name, "NAME", path);
    const char *name = go_to(printer, path);
    explain(printer, row);
    indent(printer);
    fprintf(printer->out, "%s = \"VALUE\";\n", name);
}

/* What nobody said may come from the preset. */
static const char *preset_origin(const struct setting_row *row, const struct provider_settings *provider,
                                 char words[static TEXT_SIZE])
{
    bool address = row->offset == offsetof(struct provider_settings, base_url);
    bool patience = row->offset == offsetof(struct provider_settings, first_byte_ms) &&
                    provider->first_byte_ms == provider->preset->first_byte_ms;
    snprintf(words, TEXT_SIZE, "preset %s", provider->preset->name);
    return address || patience ? words : NULL;
}

static void print_provider_row(struct printer *printer, const struct setting_row *row,
                               const struct provider_settings *provider)
{
    char path[TEXT_SIZE], words[TEXT_SIZE];
    const void *field = (const char *)provider + row->offset;
    bool is_text = row->type == SETTING_TEXT || row->type == SETTING_PATH;
    fill_in(row->path, provider->name, "", path);
    if (row->type == SETTING_PAIR || row->type == SETTING_JSON)
        print_pairs(printer, row, provider);
    else if (printer->explain)
        print_scalar(printer, row, path, provider, NULL);
    else if (row->type == SETTING_SECRET && provider->key_origin)
        print_hidden(printer, path, provider->key_origin);
    else if (is_text && is_secret(path, *(char *const *)field))
        print_hidden(printer, path, NULL);
    else if (row->type != SETTING_SECRET)
        print_scalar(printer, row, path, provider, preset_origin(row, provider, words));
}

static void print_provider(struct printer *printer, const struct provider_settings *provider)
{
    const struct setting_row *row;
    for (size_t i = 0; (row = setting_row_at(i)); i++)
        if (strncmp(row->path, "providers.", 10) == 0)
            print_provider_row(printer, row, provider);
}

/* ---- lists of groups ---- */

/* A list of groups, which the walk over paths does not know; it holds nothing but them. */
struct list {
    const char *name;
    const void *items;
    size_t count, size;
};

static void print_member(struct printer *printer, const struct setting_row *row, const void *item,
                         const char *place)
{
    const char *name = go_to(printer, row->path);
    explain(printer, row);
    indent(printer);
    fprintf(printer->out, "%s = ", name);
    setting_print(row, item, printer->out);
    fputc(';', printer->out);
    print_origin(printer, place, NULL);
}

/* To the walk over paths, the item is the group "LIST.#", which is open already. */
static void print_item(struct printer *printer, const struct list *list, size_t index)
{
    const struct setting_row *row;
    char group[SETTING_PATH_SIZE], place[SETTING_PATH_SIZE];
    size_t length = (size_t)snprintf(group, sizeof group, "%s.#", list->name);
    fprintf(printer->out, "%s    {\n", printer->margin);
    memcpy(printer->group, group, length + 1);
    for (size_t i = 0; (row = setting_row_at(i)); i++) {
        if (!leads_to(group, row->path))
            continue;
        snprintf(place, sizeof place, "%s.[%zu].%s", list->name, index, row->path + length + 1);
        print_member(printer, row, (const char *)list->items + index * list->size, place);
    }
    while (strcmp(printer->group, group) != 0)
        close_group(printer);
    *printer->group = '\0';
    fprintf(printer->out, "%s    }%s\n", printer->margin, index + 1 == list->count ? "" : ",");
}

static void print_list(struct printer *printer, const struct list *list)
{
    if (!list->count)
        return;
    fprintf(printer->out, "%s%s%s: (\n", printer->explain ? "\n" : "", printer->margin, list->name);
    for (size_t i = 0; i < list->count; i++)
        print_item(printer, list, i);
    fprintf(printer->out, "%s);\n", printer->margin);
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

/* A group that would hold hidden values only is opened all the same; an empty one is valid. */
void settings_dump(const struct settings *settings, FILE *out)
{
    struct printer printer = {.out = out, .margin = "", .said = settings->said};
    print_general(&printer, settings);
    for (size_t i = 0; i < settings->provider_count; i++)
        print_provider(&printer, &settings->providers[i]);
    close_all(&printer);
    print_clients(&printer, settings->clients, settings->client_count);
    print_aliases(&printer, settings->aliases, settings->alias_count);
}

/* Providers, clients and aliases are shown by one example of each, commented out as a whole. */
void settings_dump_defaults(FILE *out)
{
    struct settings settings = {0};
    struct client_settings client = {0};
    struct alias_settings alias = {0};
    struct printer printer = {.out = out, .margin = "", .explain = true};
    settings_set_defaults(&settings);
    settings_add_provider(&settings, "NAME", 4);
    fputs("# penstock.conf: every setting at its default. penstock.conf(5) says more about each, and "
          "penstock check\n"
          "# whether all is well. The syntax is libconfig's: sizes and modes are strings, durations are "
          "seconds.\n",
          out);
    print_general(&printer, &settings);
    fputs("\n# Providers. Where a preset knows the rest, its name is enough:\n"
          "# providers: { nvidia: { }; };\n",
          out);
    printer.margin = "# ";
    print_provider(&printer, &settings.providers[0]);
    close_all(&printer);
    fputs("\n# Clients. penstock key new NAME makes an entry and its key.\n", out);
    print_clients(&printer, &client, 1);
    fputs("\n# Aliases. A client that asks for the name gets what stands behind it:\n"
          "# aliases: ( { name = \"fast\"; targets = [ \"groq:llama-3.1-8b-instant\" ]; } );\n",
          out);
    print_aliases(&printer, &alias, 1);
    settings_clear(&settings);
}
