/* Warns about limits in money that cannot hold, because no price is known or because one request may be more.
 *
 * The models of a client are those that its entry names. If it may use all, or a pattern of them, they are
 * those of the aliases and those that the providers' settings list. Providers have more models than that, so
 * a provider without a single price is mentioned as well. */
#include "cli/price_warnings.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/base.h"
#include "base/failure.h"
#include "base/money.h"
#include "base/pattern.h"
#include "config/settings.h"
#include "ledger/quota.h"
#include "routing/target.h"
#include "usage/price.h"
#include "usage/price_file.h"

#define SAID_MAX 64

struct warnings {
    const struct settings *settings;
    struct prices *prices;
    const struct client_settings *client;
    struct arena *arena;
    const char *said[SAID_MAX]; /* "PROVIDER:MODEL" */
    size_t said_count;
};

struct prices *prices_of(const struct settings *settings)
{
    return prices_create(settings->prices, DATADIR "/penstock/prices.conf");
}

/* False if the target was mentioned before, or there are too many to mention. */
static bool is_new(struct warnings *warnings, const char *name)
{
    for (size_t i = 0; i < warnings->said_count; i++)
        if (strcmp(warnings->said[i], name) == 0)
            return false;
    if (warnings->said_count == SAID_MAX)
        return false;
    warnings->said[warnings->said_count++] = name;
    return true;
}

static int64_t smallest_limit(const struct client_limits *limits)
{
    const int64_t all[] = {limits->usd_per_day, limits->usd_per_month, limits->usd_total};
    int64_t smallest = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] && (!smallest || all[i] < smallest))
            smallest = all[i];
    return smallest;
}

static void warn_about_attachments(const struct warnings *warnings, const char *name,
                                   const struct price *price)
{
    char cost_text[MONEY_TEXT_SIZE], limit_text[MONEY_TEXT_SIZE];
    int64_t limit = smallest_limit(&warnings->client->limits);
    int64_t cost = price_of_tokens(price->input, warnings->settings->attachment_tokens);
    if (cost <= limit)
        return;
    money_print(cost, cost_text);
    money_print(limit, limit_text);
    fprintf(stderr,
            "warning: client %s: a picture or file by URL or ID is reckoned at %s USD for %s, more than its "
            "limit "
            "of %s USD; see limits.tokens_per_attachment\n",
            warnings->client->name, cost_text, name, limit_text);
}

static void look_at(struct warnings *warnings, const struct target *target)
{
    const struct provider_settings *provider = target->provider;
    struct price price;
    if (!target->model || strchr(target->model, '*') ||
        !target_model_allowed(warnings->settings, warnings->client, warnings->arena, provider, target->model))
        return;
    const char *name = arena_format(warnings->arena, "%s:%s", provider->name, target->model);
    if (!is_new(warnings, name))
        return;
    if (price_look_up(warnings->prices, provider->name, provider->preset_name, target->model, &price))
        warn_about_attachments(warnings, name, &price);
    else
        fprintf(
            stderr,
            "warning: client %s: no price is known for %s at %s, so its limit in USD does not count it; see "
            "prices and unpriced\n",
            warnings->client->name, target->model, provider->name);
}

static void look_at_name(struct warnings *warnings, const char *name)
{
    struct target target;
    struct failure ignored;
    if (target_find(warnings->settings, warnings->arena, name, &target, &ignored) && !target.alias)
        look_at(warnings, &target);
}

/* A client that may use an alias may use its targets, whatever they are called. */
static void look_at_alias(struct warnings *warnings, const struct alias_settings *alias)
{
    const struct client_settings *client = warnings->client;
    struct client_settings any = {.name = client->name, .limits = client->limits};
    if (!target_name_allowed(client, alias->name))
        return;
    warnings->client = &any;
    for (size_t i = 0; i < alias->targets.count; i++)
        look_at_name(warnings, alias->targets.items[i]);
    warnings->client = client;
}

static bool may_use_unnamed(const struct client_settings *client)
{
    for (size_t i = 0; i < client->models.count; i++)
        if (strchr(client->models.items[i], '*'))
            return true;
    return !client->models.count;
}

static void look_at_provider(struct warnings *warnings, const struct provider_settings *provider)
{
    for (size_t i = 0; i < provider->models.count; i++) {
        struct target target = {.provider = provider, .model = provider->models.items[i]};
        look_at(warnings, &target);
    }
    if (may_use_unnamed(warnings->client) &&
        !price_knows_provider(warnings->prices, provider->name, provider->preset_name))
        fprintf(stderr,
                "warning: client %s: no price is known for any model of provider %s, so its limit in USD "
                "does not "
                "count them; see prices and unpriced\n",
                warnings->client->name, provider->name);
}

void warn_about_unpriced(const struct settings *settings, struct prices *prices,
                         const struct client_settings *client)
{
    struct warnings warnings = {
        .settings = settings, .prices = prices, .client = client, .arena = arena_create()};
    if (quota_limits_money(&client->limits)) {
        for (size_t i = 0; i < client->models.count; i++)
            look_at_name(&warnings, client->models.items[i]);
        for (size_t i = 0; i < settings->alias_count; i++)
            look_at_alias(&warnings, &settings->aliases[i]);
        for (size_t i = 0; i < settings->provider_count; i++)
            look_at_provider(&warnings, &settings->providers[i]);
    }
    arena_destroy(warnings.arena);
}
