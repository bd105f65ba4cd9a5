/* An entry of a client for penstock.conf, made from a command line.
 *
 * What it may hold is what the settings' table has for clients: each of its rows is an option here. */
#include "cli/client_entry.h"

#include <string.h>

#include "base/date.h"
#include "base/failure.h"
#include "cli/options.h"
#include "config/settings_format.h"
#include "config/settings_read.h"
#include "config/settings_table.h"
#include "config/settings_values.h"

#define CLIENTS "clients.#."
#define OPTION_SIZE 64

/* The next row of a client behind `*index`, NULL when there is none left. */
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

static bool is_option(const struct setting_row *row)
{
    return strcmp(member_of(row), "name") != 0 && strcmp(member_of(row), "key_sha256") != 0;
}

/* requests_per_minute is given as --requests-per-minute. */
static void write_option(const struct setting_row *row, char option[static OPTION_SIZE])
{
    snprintf(option, OPTION_SIZE, "--%s", member_of(row));
    for (char *at = option; *at; at++)
        if (*at == '_')
            *at = '-';
}

bool client_entry_set(struct client_entry *entry, int count, char **arguments, int *index)
{
    const struct setting_row *row;
    for (size_t at = 0; (row = next_row(&at));) {
        char option[OPTION_SIZE];
        const char *text;
        write_option(row, option);
        if (!is_option(row) || !(text = option_value(option, count, arguments, index)))
            continue;
        if (entry->said_count == LIMITS_MAX)
            return false;
        entry->said[entry->said_count] = row;
        entry->texts[entry->said_count++] = text;
        return true;
    }
    return false;
}

static bool store(const struct setting_row *row, struct client_settings *client, const char *text,
                  struct failure *why)
{
    struct assignment said = {.path = (char *)row->path, .text = (char *)text, .form = SAID_TEXT};
    bool is_date = row->offset == offsetof(struct client_settings, expires);
    int64_t second;
    if (is_date && *text && !date_parse(text, &second))
        return fail(why, FAILURE_SETTING, "must be a date or a time, as 2026-12-31 or 2026-12-31T18:00:00Z");
    return setting_store(row, client, &said, why);
}

/* Every field gets its default first; those that were not said are then left out of what is printed. */
static bool start(struct client_entry *entry, const char *name, const char *digest, struct failure *why)
{
    const struct setting_row *row;
    for (size_t index = 0; (row = next_row(&index));) {
        const char *text = strcmp(member_of(row), "name") == 0 ? name
                           : is_option(row)                    ? row->standard
                                                               : digest;
        struct failure reason;
        if (!store(row, &entry->client, text, &reason))
            return fail(why, FAILURE_SETTING, "the name %s", reason.message);
    }
    return true;
}

bool client_entry_fill(struct client_entry *entry, const char *name, const char *digest, struct failure *why)
{
    if (!start(entry, name, digest, why))
        return false;
    for (size_t i = 0; i < entry->said_count; i++) {
        char option[OPTION_SIZE];
        struct failure reason;
        write_option(entry->said[i], option);
        if (!*entry->texts[i])
            return fail(why, FAILURE_SETTING, "%s needs a value", option);
        if (!store(entry->said[i], &entry->client, entry->texts[i], &reason))
            return fail(why, FAILURE_SETTING, "%s %s", option, reason.message);
    }
    return true;
}

void client_entry_free(struct client_entry *entry)
{
    const struct setting_row *row;
    for (size_t index = 0; (row = next_row(&index));)
        setting_clear(row, &entry->client);
}

static bool was_said(const struct client_entry *entry, const struct setting_row *row)
{
    for (size_t i = 0; i < entry->said_count; i++)
        if (entry->said[i] == row)
            return true;
    return !is_option(row);
}

void client_entry_print(const struct client_entry *entry, FILE *out)
{
    const struct setting_row *row;
    fputs("{ ", out);
    for (size_t index = 0; (row = next_row(&index));)
        if (was_said(entry, row)) {
            fprintf(out, "%s = ", member_of(row));
            setting_print(row, &entry->client, out);
            fputs("; ", out);
        }
    putc('}', out);
}

void client_entry_list(FILE *out)
{
    const struct setting_row *row;
    for (size_t index = 0; (row = next_row(&index));) {
        char option[OPTION_SIZE];
        write_option(row, option);
        if (is_option(row))
            fprintf(out, "  %-22s %s\n", option, row->sentence);
    }
}
