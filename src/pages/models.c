/* GET /v1/models: the aliases, the models of the settings and those that the providers list. */
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

/* The providers are asked one after the other while the client waits, so the time for all of them is limited.
 */
#define FETCHING_US 10000000

struct listing {
    struct models *models;
    const char *only; /* list only this id; NULL: all */
    struct buffer *out;
    size_t count;
    const char *first, *last; /* the ids that Anthropic's list repeats; NULL: the list is empty */
    int64_t until_us;         /* no provider is asked or waited for after this time */
};

static const struct settings *settings_of(const struct listing *listing)
{
    return listing->models->services->settings;
}

/* A bare id must not look like PROVIDER:MODEL, PROVIDER/MODEL or an alias. */
const char *models_usable_id(const struct settings *settings, struct arena *arena,
                             const struct provider_settings *provider, const char *id)
{
    bool ambiguous = target_named_provider(settings, id) || target_find_alias(settings, id);
    bool bare = settings->default_provider && strcmp(settings->default_provider, provider->name) == 0;
    if (bare && !ambiguous)
        return id;
    return arena_format(arena, "%s:%s", provider->name, id);
}

/* Anthropic's model object (API reference, "List models"). */
static void put_anthropic_object(struct listing *listing, struct json_writer *writer, const char *id)
{
    json_put_string(writer, "type", "model");
    json_put_string(writer, "id", id);
    json_put_string(writer, "display_name", id);
    json_put_string(writer, "created_at", "1970-01-01T00:00:00Z");
    json_write_end(writer);
    if (listing->count == 1)
        listing->first = arena_copy(listing->models->arena, id, strlen(id));
    listing->last = arena_copy(listing->models->arena, id, strlen(id));
}

/* Writes the model object of the API reference. Providers do not report when a model was created. */
static void put_object(struct listing *listing, const char *id, const char *owner)
{
    if (listing->only && (listing->count || strcmp(listing->only, id) != 0))
        return;
    if (listing->count && !buffer_append(listing->out, ",", 1))
        return;
    struct json_writer writer = json_write_begin(listing->out);
    listing->count++;
    if (listing->models->anthropic) {
        put_anthropic_object(listing, &writer, id);
        return;
    }
    json_put_string(&writer, "id", id);
    json_put_string(&writer, "object", "model");
    json_put_count(&writer, "created", 0);
    json_put_string(&writer, "owned_by", owner);
    json_write_end(&writer);
}

static void put_model(struct listing *listing, const struct provider_settings *provider, const char *id)
{
    const struct models *models = listing->models;
    if (target_model_allowed(settings_of(listing), models->client, models->arena, provider, id))
        put_object(listing, models_usable_id(settings_of(listing), models->arena, provider, id),
                   provider->name);
}

static bool is_configured(const struct provider_settings *provider, const char *id)
{
    for (size_t i = 0; i < provider->models.count; i++)
        if (strcmp(provider->models.items[i], id) == 0)
            return true;
    return false;
}

static void put_ids(struct listing *listing, const struct provider_settings *provider,
                    const struct buffer *ids)
{
    struct json_value text = {ids->bytes, ids->length}, root, id;
    struct json_fault fault;
    if (!ids->length || !json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return;
    for (struct json_value rest = json_elements(root); json_next_element(&rest, &id);) {
        const char *model = json_string(listing->models->arena, id, NULL);
        if (model && !is_configured(provider, model))
            put_model(listing, provider, model);
    }
}

static void put_listed(struct listing *listing, const struct provider_settings *provider)
{
    struct models *models = listing->models;
    struct buffer ids;
    buffer_init(&ids, PROVIDER_MODELS_MAX);
    if (provider_models_read(models->services, provider, models->arena, listing->until_us, &ids) !=
        MODELS_FRESH)
        models->stale = models->stale ? arena_format(models->arena, "%s, %s", models->stale, provider->name)
                                      : provider->name;
    put_ids(listing, provider, &ids);
    buffer_free(&ids);
}

/* A provider without a key is not asked for its list; only the models of the settings are listed. */
static void put_provider(struct listing *listing, const struct provider_settings *provider)
{
    for (size_t i = 0; i < provider->models.count; i++)
        put_model(listing, provider, provider->models.items[i]);
    if (provider_has_key(provider) && provider_lists_models(provider))
        put_listed(listing, provider);
}

static void put_all(struct listing *listing)
{
    const struct settings *settings = settings_of(listing);
    listing->until_us = clock_monotonic_us() + FETCHING_US;
    for (size_t i = 0; i < settings->alias_count; i++)
        if (target_name_allowed(listing->models->client, settings->aliases[i].name))
            put_object(listing, settings->aliases[i].name, "penstock");
    for (size_t i = 0; i < settings->provider_count; i++)
        put_provider(listing, &settings->providers[i]);
}

/* All models are on one page. */
static bool put_anthropic_list(struct listing *listing)
{
    struct json_writer writer = json_write_begin(listing->out);
    json_put_raw(&writer, "data", "[", 1);
    put_all(listing);
    writer.ok = writer.ok && buffer_append(listing->out, "]", 1);
    json_put_bool(&writer, "has_more", false);
    json_put_string(&writer, "first_id", listing->first);
    json_put_string(&writer, "last_id", listing->last);
    json_write_end(&writer);
    return writer.ok;
}

void models_list(struct models *models, struct buffer *list)
{
    static const char head[] = "{\"object\":\"list\",\"data\":[";
    struct listing listing = {.models = models, .out = list};
    bool fits = models->anthropic ? put_anthropic_list(&listing) : buffer_append(list, head, sizeof head - 1);
    if (!models->anthropic) {
        put_all(&listing);
        fits = fits && buffer_append(list, "]}", 2);
    }
    if (!fits)
        log_error("the list of models is too large");
}

bool models_one(struct models *models, const char *id, struct buffer *object, struct failure *why)
{
    struct listing listing = {.models = models, .out = object, .only = id};
    put_all(&listing);
    if (listing.count)
        return true;
    fail(why, FAILURE_MODEL_NOT_FOUND, "there is no model \"%.100s\"; GET /v1/models lists the models", id);
    why->source = SOURCE_GATEWAY;
    return false;
}
