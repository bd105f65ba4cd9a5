/* The models that the run gateway's own API offers, with their prices.
 *
 * How much input a model takes nobody has told us, so that is null. */
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

struct catalogue {
    const struct services *services;
    const struct client_settings *client;
    struct arena *arena;
    enum run_models kind;
    struct buffer *out;
    size_t count;
    bool whole;
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

/* What a model is for nobody says; its name does mostly, and so does a price for what goes in alone. */
static bool is_embedding(const char *model, bool priced, const struct price *price)
{
    return pattern_matches(EMBEDDING_NAMES, model) || (priced && price->input > 0 && price->output == 0);
}

static void put_model(struct catalogue *catalogue, const char *name, const struct provider_settings *provider,
                      const char *model)
{
    struct price price = {0};
    bool priced = price_find(catalogue->services->prices, provider->name, provider->preset_name, model,
                             &price);
    bool embedding = catalogue->kind == RUN_MODELS_EMBEDDING;
    if (is_embedding(model, priced, &price) != embedding)
        return;
    if (catalogue->count++)
        catalogue->whole = catalogue->whole && buffer_append(catalogue->out, ",", 1);
    struct json_writer writer = json_write_begin(catalogue->out);
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
    catalogue->whole = catalogue->whole && writer.ok;
}

/* An alias costs what its first target does. */
static void put_alias(struct catalogue *catalogue, const char *name)
{
    struct target target;
    struct failure why;
    if (target_allows_name(catalogue->client, name) &&
        target_find(catalogue->services->settings, catalogue->arena, name, &target, &why))
        put_model(catalogue, name, target.provider, target.model);
}

static void put_provider(struct catalogue *catalogue, const struct provider_settings *provider)
{
    const struct settings *settings = catalogue->services->settings;
    for (size_t i = 0; i < provider->models.count; i++) {
        const char *model = provider->models.items[i];
        if (target_allows_model(settings, catalogue->client, catalogue->arena, provider, model))
            put_model(catalogue, models_usable_id(settings, catalogue->arena, provider, model), provider,
                      model);
    }
}

bool run_models_list(const struct services *services, const struct client_settings *client,
                     struct arena *arena, enum run_models kind, struct buffer *list)
{
    const struct settings *settings = services->settings;
    struct catalogue catalogue = {services, client, arena, kind, list, 0, buffer_append(list, "[", 1)};
    for (size_t i = 0; i < settings->alias_count; i++)
        put_alias(&catalogue, settings->aliases[i].name);
    for (size_t i = 0; i < settings->provider_count; i++)
        put_provider(&catalogue, &settings->providers[i]);
    return buffer_append(list, "]", 1) && catalogue.whole;
}
