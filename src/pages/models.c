/* The models that may be asked for: aliases, what the settings name, and what the providers list. */
#include "pages/models.h"

#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "base/services.h"
#include "config/settings.h"
#include "format/json.h"
#include "format/json_write.h"
#include "pages/provider_models.h"
#include "provider/provider.h"
#include "routing/target.h"

/* They are asked one after the other, and somebody waits for all of them. */
#define ASKING_US 10000000

struct catalogue {
    struct models *models;
    const char *only; /* the id that is looked for; NULL: all */
    struct buffer *out;
    size_t count;
    int64_t until_us; /* nobody is asked any more */
};

static const struct settings *settings_of(const struct catalogue *catalogue)
{
    return catalogue->models->services->settings;
}

/* Bare only if that reads neither as PROVIDER:MODEL nor as an alias */
const char *models_usable_id(const struct settings *settings, struct arena *arena,
                             const struct provider_settings *provider, const char *id)
{
    size_t prefix = strcspn(id, ":/");
    bool ambiguous = (id[prefix] == ':' && settings_provider(settings, id, prefix)) ||
                     target_alias(settings, id);
    bool bare = settings->default_provider && strcmp(settings->default_provider, provider->name) == 0;
    if (bare && !ambiguous)
        return id;
    return arena_format(arena, "%s:%s", provider->name, id);
}

/* The model object of the API reference; when it was made nobody says. */
static void put_object(struct catalogue *catalogue, const char *id, const char *owner)
{
    if (catalogue->only && (catalogue->count || strcmp(catalogue->only, id) != 0))
        return;
    if (catalogue->count && !buffer_append(catalogue->out, ",", 1))
        return;
    struct json_writer writer = json_write_begin(catalogue->out);
    json_put_string(&writer, "id", id);
    json_put_string(&writer, "object", "model");
    json_put_count(&writer, "created", 0);
    json_put_string(&writer, "owned_by", owner);
    json_write_end(&writer);
    catalogue->count++;
}

static void put_model(struct catalogue *catalogue, const struct provider_settings *provider, const char *id)
{
    const struct models *models = catalogue->models;
    if (target_allows_model(settings_of(catalogue), models->client, models->arena, provider, id))
        put_object(catalogue, models_usable_id(settings_of(catalogue), models->arena, provider, id),
                   provider->name);
}

static bool is_static(const struct provider_settings *provider, const char *id)
{
    for (size_t i = 0; i < provider->models.count; i++)
        if (strcmp(provider->models.items[i], id) == 0)
            return true;
    return false;
}

static void put_ids(struct catalogue *catalogue, const struct provider_settings *provider,
                    const struct buffer *ids)
{
    struct json_value text = {ids->bytes, ids->length}, root, id;
    struct json_fault fault;
    if (!ids->length || !json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return;
    for (struct json_value rest = json_elements(root); json_next_element(&rest, &id);) {
        const char *model = json_string(catalogue->models->arena, id, NULL);
        if (model && !is_static(provider, model))
            put_model(catalogue, provider, model);
    }
}

static void put_listed(struct catalogue *catalogue, const struct provider_settings *provider)
{
    struct models *models = catalogue->models;
    struct buffer ids;
    buffer_init(&ids, MODEL_SOURCE_MAX);
    bool may_ask = clock_monotonic_us() < catalogue->until_us;
    if (model_source_read(models->services, provider, models->arena, may_ask, &ids) != MODELS_FRESH)
        models->stale = models->stale ? arena_format(models->arena, "%s, %s", models->stale, provider->name)
                                      : provider->name;
    put_ids(catalogue, provider, &ids);
    buffer_free(&ids);
}

/* Without a key nobody is asked: what the settings name is all that there is. */
static void put_provider(struct catalogue *catalogue, const struct provider_settings *provider)
{
    for (size_t i = 0; i < provider->models.count; i++)
        put_model(catalogue, provider, provider->models.items[i]);
    if (provider_has_key(provider) && provider_lists_models(provider))
        put_listed(catalogue, provider);
}

static void put_all(struct catalogue *catalogue)
{
    const struct settings *settings = settings_of(catalogue);
    catalogue->until_us = clock_monotonic_us() + ASKING_US;
    for (size_t i = 0; i < settings->alias_count; i++)
        if (target_allows_name(catalogue->models->client, settings->aliases[i].name))
            put_object(catalogue, settings->aliases[i].name, "penstock");
    for (size_t i = 0; i < settings->provider_count; i++)
        put_provider(catalogue, &settings->providers[i]);
}

void models_list(struct models *models, struct buffer *list)
{
    static const char head[] = "{\"object\":\"list\",\"data\":[";
    struct catalogue catalogue = {.models = models, .out = list};
    bool whole = buffer_append(list, head, sizeof head - 1);
    put_all(&catalogue);
    if (!whole || !buffer_append(list, "]}", 2))
        log_error("the list of models is too long to be sent");
}

bool models_one(struct models *models, const char *id, struct buffer *object, struct failure *why)
{
    struct catalogue catalogue = {.models = models, .out = object, .only = id};
    put_all(&catalogue);
    if (catalogue.count)
        return true;
    fail(why, FAILURE_MODEL_NOT_FOUND,
         "there is no model \"%.100s\"; GET /v1/models lists those that may be asked for", id);
    why->source = SOURCE_GATEWAY;
    return false;
}
