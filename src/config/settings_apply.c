/* Fills the settings: the defaults, then each value in order.
 *
 * Each provider, client and alias has a struct of its own. The first value whose path names a provider
 * creates it; an empty group in the file counts as such a value. */
#include "config/settings_apply.h"

#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "base/memory.h"
#include "config/config_errors.h"
#include "config/settings_store.h"
#include "config/settings_table.h"
#include "config/settings_types.h"
#include "config/settings_values.h"

static const char providers[] = "providers.";
static const char clients[] = "clients.[";
static const char aliases[] = "aliases.[";

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* Defaults pass the same parsers as all other values. In providers, clients and aliases a text without a
 * default stays NULL, so that "not set" and "set to empty" differ. */
static void set_defaults(enum setting_owner owner, void *base)
{
    const struct setting_row *row;
    for (size_t i = 0; (row = setting_row_at(i)); i++) {
        if (row->owner != owner || (owner != OWNER_SETTINGS && !row->default_text))
            continue;
        struct settings_value value = {.text = (char *)setting_default(row), .form = VALUE_TEXT};
        struct failure why;
        if (!setting_store(row, base, &value, &why))
            abort(); /* the default of a row is out of the row's range; settings_test finds such rows */
    }
}

void settings_set_defaults(struct settings *settings)
{
    set_defaults(OWNER_SETTINGS, settings);
}

struct provider_settings *settings_add_provider(struct settings *settings, const char *name, size_t length)
{
    for (size_t i = 0; i < settings->provider_count; i++)
        if (strlen(settings->providers[i].name) == length &&
            memcmp(settings->providers[i].name, name, length) == 0)
            return &settings->providers[i];
    settings->providers = memory_resize(settings->providers, settings->provider_count + 1,
                                        sizeof *settings->providers);
    struct provider_settings *provider = &settings->providers[settings->provider_count++];
    *provider = (struct provider_settings){.name = memory_copy(name, length)};
    set_defaults(OWNER_PROVIDER, provider);
    return provider;
}

/* Grows the list to hold the item `index`. Indexes arrive in order, because only the file has lists. */
static void *grow_list(void *items, size_t *count, size_t size, size_t index)
{
    if (index < *count)
        return items;
    char *more = memory_resize(items, index + 1, size);
    memset(more + *count * size, 0, (index + 1 - *count) * size);
    *count = index + 1;
    return more;
}

static struct client_settings *add_client(struct settings *settings, const char *index_text)
{
    size_t index = strtoul(index_text, NULL, 10);
    settings->clients = grow_list(settings->clients, &settings->client_count, sizeof *settings->clients,
                                  index);
    return &settings->clients[index];
}

void settings_set_alias_defaults(struct alias_settings *alias)
{
    set_defaults(OWNER_ALIAS, alias);
}

static struct alias_settings *add_alias(struct settings *settings, const char *index_text)
{
    size_t index = strtoul(index_text, NULL, 10), before = settings->alias_count;
    settings->aliases = grow_list(settings->aliases, &settings->alias_count, sizeof *settings->aliases,
                                  index);
    for (size_t i = before; i < settings->alias_count; i++)
        settings_set_alias_defaults(&settings->aliases[i]);
    return &settings->aliases[index];
}

/* Returns the struct to which the path belongs. The struct may move when the next provider, client or alias
 * is added. */
static void *find_base(struct settings *settings, const char *path)
{
    if (starts_with(path, providers)) {
        const char *name = path + strlen(providers);
        return settings_add_provider(settings, name, strcspn(name, "."));
    }
    if (starts_with(path, aliases))
        return add_alias(settings, path + strlen(aliases));
    return starts_with(path, clients) ? (void *)add_client(settings, path + strlen(clients)) : settings;
}

void settings_apply(struct settings *settings, struct settings_values *values, struct config_errors *errors)
{
    for (size_t i = 0; i < values->count; i++) {
        struct settings_value *value = &values->items[i];
        void *base = find_base(settings, value->path);
        const struct setting_row *row = setting_row_find(value->path);
        struct failure why;
        if (row && !setting_store(row, base, value, &why))
            config_error_add(errors, value->origin, value->path, "%s", why.message);
        if (row && row->type == SETTING_SECRET)
            settings_value_wipe(value); /* the list is kept, because it contains the origins */
    }
}

static void clear(enum setting_owner owner, void *base)
{
    const struct setting_row *row;
    for (size_t i = 0; (row = setting_row_at(i)); i++)
        if (row->owner == owner)
            setting_clear(row, base);
}

void settings_clear(struct settings *settings)
{
    for (size_t i = 0; i < settings->provider_count; i++) {
        clear(OWNER_PROVIDER, &settings->providers[i]);
        free(settings->providers[i].name);
    }
    for (size_t i = 0; i < settings->client_count; i++)
        clear(OWNER_CLIENT, &settings->clients[i]);
    for (size_t i = 0; i < settings->alias_count; i++)
        clear(OWNER_ALIAS, &settings->aliases[i]);
    free(settings->providers);
    free(settings->clients);
    free(settings->aliases);
    clear(OWNER_SETTINGS, settings);
    free(settings->file);
    settings_values_free(settings->values);
}
