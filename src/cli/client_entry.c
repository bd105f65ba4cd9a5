/* A client's entry for penstock.conf, made from the options of `penstock key new`.
 *
 * The options are derived from the client rows of the settings table, so that a new client setting is also a
 * new option. */
#include "cli/client_entry.h"

#include <string.h>

#include "base/date.h"
#include "base/failure.h"
#include "config/settings_format.h"
#include "config/settings_store.h"
#include "config/settings_table.h"
#include "config/settings_values.h"

#define CLIENTS "clients.#."

/* Returns the next client row from `*index` on, or NULL at the end. */
static const struct setting_row *next_row(size_t *index)
{
    const struct setting_row *row;
    while ((row = setting_row_at((*index)++)))
        if (strncmp(row->path, CLIENTS, strlen(CLIENTS)) == 0)
            return row;
    return NULL;
}

static const char *member_of(const struct setting_row *row)
{
    return row->path + strlen(CLIENTS);
}

/* True if an option sets the row's member; the name and the digest have no option. */
static bool is_option(const struct setting_row *row)
{
    return strcmp(member_of(row), "name") != 0 && strcmp(member_of(row), "key_sha256") != 0;
}

static void write_option_name(const struct setting_row *row, char name[static CLIENT_OPTION_SIZE])
{
    snprintf(name, CLIENT_OPTION_SIZE, "%s", member_of(row));
    for (char *at = name; *at; at++)
        if (*at == '_')
            *at = '-';
}

static const char *value_name(const struct setting_row *row)
{
    switch (row->type) {
    case SETTING_INTEGER:
        return "NUMBER";
    case SETTING_MONEY:
        return "USD";
    case SETTING_BOOLEAN:
        return "true|false";
    case SETTING_NAMES:
        return "NAME,...";
    default:
        return "TEXT";
    }
}

void client_options_init(struct client_options *options)
{
    const struct setting_row *row;
    size_t count = 0;
    *options = (struct client_options){0};
    for (size_t index = 0; (row = next_row(&index)) && count < CLIENT_OPTIONS_MAX;) {
        if (!is_option(row))
            continue;
        write_option_name(row, options->names[count]);
        options->rows[count] = (struct option_row){options->names[count], value_name(row), row->description};
        count++;
    }
}

static const struct option_use *find_use(const struct options *options, const struct setting_row *row)
{
    char name[CLIENT_OPTION_SIZE];
    write_option_name(row, name);
    for (size_t i = options->use_count; i-- > 0;)
        if (is_option(row) && strcmp(options->uses[i].row->name, name) == 0)
            return &options->uses[i];
    return NULL;
}

static bool store(const struct setting_row *row, struct client_settings *client, const char *text,
                  struct failure *why)
{
    struct settings_value assignment = {.path = (char *)row->path, .text = (char *)text, .form = VALUE_TEXT};
    bool is_date = row->offset == offsetof(struct client_settings, expires);
    int64_t second;
    if (is_date && *text && !date_parse(text, &second))
        return fail(why, FAILURE_SETTING, "must be a date or a time, as 2026-12-31 or 2026-12-31T18:00:00Z");
    return setting_store(row, client, &assignment, why);
}

bool client_entry_fill(struct client_entry *entry, const char *name, const char *digest,
                       const struct options *options, struct failure *why)
{
    const struct setting_row *row;
    struct failure reason;
    *entry = (struct client_entry){.options = options};
    for (size_t index = 0; (row = next_row(&index));) {
        const struct option_use *use = find_use(options, row);
        bool is_name = strcmp(member_of(row), "name") == 0;
        const char *text = is_name ? name : is_option(row) ? setting_default(row) : digest;
        if (!store(row, &entry->client, text, &reason))
            return fail(why, FAILURE_SETTING, "the name %s",
                        reason.message); /* all other members are generated and correct */
        if (use && !store(row, &entry->client, use->value, &reason))
            return fail(why, FAILURE_SETTING, "--%s %s", use->row->name, reason.message);
    }
    return true;
}

void client_entry_free(struct client_entry *entry)
{
    const struct setting_row *row;
    for (size_t index = 0; (row = next_row(&index));)
        setting_clear(row, &entry->client);
}

void client_entry_print(const struct client_entry *entry, FILE *out)
{
    const struct setting_row *row;
    fputs("{ ", out);
    for (size_t index = 0; (row = next_row(&index));)
        if (!is_option(row) || find_use(entry->options, row)) {
            fprintf(out, "%s = ", member_of(row));
            setting_print(row, &entry->client, out);
            fputs("; ", out);
        }
    putc('}', out);
}
