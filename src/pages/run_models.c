/* GET /api/inference-models and /api/embedding-models: the models of the run API with their prices.
 *
 * The gateway does not know how much input a model takes, so max_input_tokens is null. */
#include "pages/run_models.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/failure.h"
#include "base/pattern.h"
#include "base/services.h"
#include "config/settings.h"
#include "format/json_write.h"
#include "pages/models.h"
#include "routing/target.h"
#include "usage/price.h"
#include "usage/price_file.h"

#define EMBEDDING_NAMES "*embed*|*Embed*|*EMBED*"

struct listing {
    const struct services *services;
    const struct client_settings *client;
    struct arena *arena;
    enum run_models kind;
    struct buffer *out;
    size_t count;
    bool fits;
};

static void put_usd(struct json_writer *writer, const char *name, bool known, double usd)
{
    char text[32];
    int length = snprintf(text, sizeof text, "%.10g", usd);
    if (known)
        json_put_raw(writer, name, text, (size_t)length);
    else
        json_put_null(writer, name);
}

/* Guesses, because no list of embedding models exists. The names of most contain a hint, or they have no
 * price for output. */
static bool is_embedding(const char *model, bool priced, const struct price *price)
{
    return pattern_matches(EMBEDDING_NAMES, model) || (priced && price->input > 0 && price->output == 0);
}

static void put_model(struct listing *listing, const char *name, const struct provider_settings *provider,
                      const char *model)
{
    struct price price = {0};
    bool priced = price_find(listing->services->prices, provider->name, provider->preset_name, model, &price);
    bool embedding = listing->kind == RUN_MODELS_EMBEDDING;
    if (is_embedding(model, priced, &price) != embedding)
        return;
    if (listing->count++)
        listing->fits = listing->fits && buffer_append(listing->out, ",", 1);
    struct json_writer writer = json_write_begin(listing->out);
    json_put_string(&writer, "name", name);
    json_put_string(&writer, "external_name", model);
    json_put_null(&writer, "max_input_tokens");
    if (embedding)
        json_put_string(&writer, "pricing_mode", priced ? "per_token" : NULL);
    put_usd(&writer, "cost_usd_per_million_input_tokens", priced, price.input);
    if (!embedding)
        put_usd(&writer, "cost_usd_per_million_output_tokens", priced, price.output);
    else
        json_put_null(&writer, "cost_usd_per_second");
    json_write_end(&writer);
    listing->fits = listing->fits && writer.ok;
}

/* An alias has the price of its first target. */
static void put_alias(struct listing *listing, const char *name)
{
    struct target target;
    struct failure why;
    if (target_name_allowed(listing->client, name) &&
        target_find(listing->services->settings, listing->arena, name, &target, &why))
        put_model(listing, name, target.provider, target.model);
}

static void put_provider(struct listing *listing, const struct provider_settings *provider)
{
    const struct settings *settings = listing->services->settings;
    for (size_t i = 0; i < provider->models.count; i++) {
        const char *model = provider->models.items[i];
        if (target_model_allowed(settings, listing->client, listing->arena, provider, model))
            put_model(listing, models_usable_id(settings, listing->arena, provider, model), provider, model);
    }
}

bool run_models_list(const struct services *services, const struct client_settings *client,
                     struct arena *arena, enum run_models kind, struct buffer *list)
{
    const struct settings *settings = services->settings;
    struct listing listing = {services, client, arena, kind, list, 0, buffer_append(list, "[", 1)};
    for (size_t i = 0; i < settings->alias_count; i++)
        put_alias(&listing, settings->aliases[i].name);
    for (size_t i = 0; i < settings->provider_count; i++)
        put_provider(&listing, &settings->providers[i]);
    return buffer_append(list, "]", 1) && listing.fits;
}
