/* From what was said to the struct: defaults, then each assignment in its order.
 *
 * A path says which struct a row's field lies in: settings of its own for each provider, client
 * and alias, one for all the rest. Nobody has to announce a provider before speaking of it, so the first
 * assignment that names one makes it; an empty group in the file is such an assignment too. */
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

static bool starts(const char *text, const char *head)
{
    return strncmp(text, head, strlen(head)) == 0;
}

enum owner { OWNER_SETTINGS, OWNER_PROVIDER, OWNER_CLIENT, OWNER_ALIAS };

/* Which struct holds the row's field. */
static enum owner row_owner(const struct setting_row *row)
{
    if (starts(row->path, providers))
        return OWNER_PROVIDER;
    if (starts(row->path, "aliases."))
        return OWNER_ALIAS;
    return starts(row->path, "clients.") ? OWNER_CLIENT : OWNER_SETTINGS;
}

/* The table's own defaults pass through the same reader as everything else. In providers and clients a text
 * without a default stays NULL, so that "not given" can be told from "given". */
static void start(enum owner owner, void *base)
{
    const struct setting_row *row;
    for (size_t i = 0; (row = setting_row_at(i)); i++) {
        if (row_owner(row) != owner || (owner != OWNER_SETTINGS && !*row->standard))
            continue;
        struct settings_value standard = {.text = (char *)row->standard, .form = VALUE_TEXT};
        struct failure why;
        if (!setting_store(row, base, &standard, &why))
            abort(); /* the table contradicts itself: settings_test would have said so */
    }
}

void settings_set_defaults(struct settings *settings)
{
    start(OWNER_SETTINGS, settings);
}

struct provider_settings *settings_add_provider(struct settings *settings, const char *name, size_t length)
{
    for (size_t i = 0; i < settings->provider_count; i++)
        if (strlen(settings->providers[i].name) == length &&
            memcmp(settings->providers[i].name, name, length) == 0)
            return &settings->providers[i];
    settings->providers = memory_resize(settings->providers, settings->provider_count + 1,
                                        sizeof *settings->providers);
    struct provider_settings *fresh = &settings->providers[settings->provider_count++];
    *fresh = (struct provider_settings){.name = memory_copy(name, length)};
    start(OWNER_PROVIDER, fresh);
    return fresh;
}

/* Room for the item that `place` is the number of. Places come in order, for only the file gives lists. */
static void *make_room(void *items, size_t *count, size_t size, size_t index)
{
    if (index < *count)
        return items;
    char *more = memory_resize(items, index + 1, size);
    memset(more + *count * size, 0, (index + 1 - *count) * size);
    *count = index + 1;
    return more;
}

static struct client_settings *make_client(struct settings *settings, const char *place)
{
    size_t index = strtoul(place, NULL, 10);
    settings->clients = make_room(settings->clients, &settings->client_count, sizeof *settings->clients,
                                  index);
    return &settings->clients[index];
}

static struct alias_settings *make_alias(struct settings *settings, const char *place)
{
    size_t index = strtoul(place, NULL, 10);
    settings->aliases = make_room(settings->aliases, &settings->alias_count, sizeof *settings->aliases,
                                  index);
    return &settings->aliases[index];
}

/* The struct that the path speaks of. It may move when the next provider or client is made. */
static void *find_base(struct settings *settings, const char *path)
{
    if (starts(path, providers)) {
        const char *name = path + strlen(providers);
        return settings_add_provider(settings, name, strcspn(name, "."));
    }
    if (starts(path, aliases))
        return make_alias(settings, path + strlen(aliases));
    return starts(path, clients) ? (void *)make_client(settings, path + strlen(clients)) : settings;
}

void settings_apply(struct settings *settings, struct settings_values *said, struct config_errors *mistakes)
{
    for (size_t i = 0; i < said->count; i++) {
        struct settings_value *one = &said->items[i];
        void *base = find_base(settings, one->path);
        const struct setting_row *row = setting_row_find(one->path);
        struct failure why;
        if (row && !setting_store(row, base, one, &why))
            config_error_add(mistakes, one->where, one->path, "%s", why.message);
        if (row && row->type == SETTING_SECRET)
            settings_value_wipe(
                one); /* the list stays, to say later where things came from; the key does not */
    }
}

static void clear(enum owner owner, void *base)
{
    const struct setting_row *row;
    for (size_t i = 0; (row = setting_row_at(i)); i++)
        if (row_owner(row) == owner)
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
    settings_values_free(settings->said);
}
