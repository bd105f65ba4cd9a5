/* What single values cannot show: rules that join several settings.
 *
 * They run last, when file, environment and command line have been put together, so a value from one may be
 * made right by a value from another. Each mistake is told at the place where its setting was said. */
#include "config/settings_rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/config_errors.h"
#include "config/list_rules.h"
#include "config/provider_rules.h"
#include "config/redis_address.h"
#include "config/settings_types.h"
#include "config/settings_values.h"
#include "config/text_validate.h"

#define MEMORY_MIN (32 * 1024 * 1024)

/* ---- pool: numbers that nobody gave give way to those that somebody gave ---- */

static bool said(const struct settings *settings, const char *path)
{
    return settings_values_find(settings->said, path) != NULL;
}

/* Somebody who gives only max_workers = 2 means a small pool, and not a contradiction to our default of 4
 * spare workers. Only two numbers that were both given can contradict each other. */
static void order(struct settings *settings, int64_t *less, const char *less_path, int64_t *more,
                  const char *more_path, struct config_errors *mistakes)
{
    if (*less <= *more)
        return;
    bool less_said = said(settings, less_path), more_said = said(settings, more_path);
    if (less_said && more_said)
        config_error_add(mistakes, settings_values_origin(settings->said, less_path, "default"), less_path,
                         "%lld is more than %s (%lld)", (long long)*less, more_path, (long long)*more);
    if (less_said)
        *more = *less;
    else
        *less = *more;
}

/* max_workers first: it bounds both others. */
static void fit_pool(struct settings *settings, struct config_errors *mistakes)
{
    order(settings, &settings->max_spare, "pool.max_spare", &settings->max_workers, "pool.max_workers",
          mistakes);
    order(settings, &settings->min_spare, "pool.min_spare", &settings->max_workers, "pool.max_workers",
          mistakes);
    order(settings, &settings->min_spare, "pool.min_spare", &settings->max_spare, "pool.max_spare", mistakes);
}

/* ---- the provider for models named without one ---- */

/* With a single provider there is nothing to choose; with several, guessing could send a prompt to a company
 * that it was not meant for. */
static void choose_default(struct settings *settings, struct config_errors *mistakes)
{
    if (!*settings->default_provider) {
        free(settings->default_provider);
        const char *only = settings->provider_count == 1 ? settings->providers[0].name : NULL;
        settings->default_provider = only ? memory_copy(only, strlen(only)) : NULL;
        return;
    }
    for (size_t i = 0; i < settings->provider_count; i++)
        if (strcmp(settings->providers[i].name, settings->default_provider) == 0)
            return;
    config_error_add(mistakes, settings_values_origin(settings->said, "default_provider", "default"),
                     "default_provider", "no provider \"%.100s\" is configured", settings->default_provider);
}

/* Told here rather than when the socket is opened, so that `penstock check` and a reload see it too. */
static void check_listen(struct settings *settings, struct config_errors *mistakes)
{
    const char *fault = validate_listen(settings->listen);
    if (fault)
        config_error_add(mistakes, settings_values_origin(settings->said, "listen", "default"), "listen",
                         "%s", fault);
}

/* An address without a scheme would be taken for a file by some and for a host by others. */
static void check_ledger(struct settings *settings, struct config_errors *mistakes)
{
    struct redis_address address;
    const char *fault = *settings->ledger ? redis_address_parse(settings->ledger, &address) : NULL;
#ifndef HAVE_HIREDIS
    if (!fault && *settings->ledger)
        fault = "this penstock is built without Redis: configure it --with-redis";
#endif
    if (fault)
        config_error_add(mistakes, settings_values_origin(settings->said, "ledger", "default"), "ledger",
                         "%s", fault);
}

/* A name would be as good as whoever answers for it. */
static void check_peers(struct settings *settings, struct config_errors *mistakes)
{
    static const char path[] = "access.trusted_peers";
    for (size_t i = 0; i < settings->trusted_peers.count; i++) {
        const char *fault = validate_address(settings->trusted_peers.items[i]);
        if (fault)
            config_error_add(mistakes, settings_values_origin(settings->said, path, "default"), path,
                             "\"%.60s\" %s", settings->trusted_peers.items[i], fault);
    }
}

/* The range of the row lets 0 in, and with it all between. */
static void check_auth_status(struct settings *settings, struct config_errors *mistakes)
{
    if (settings->auth_error_status == 0 || settings->auth_error_status >= 400)
        return;
    config_error_add(mistakes, settings_values_origin(settings->said, "auth_error_status", "default"),
                     "auth_error_status", "%lld is no status of an error: 400 to 599, or 0",
                     (long long)settings->auth_error_status);
}

/* Less than a process has before its first request would end each one at once. */
static void check_memory(struct settings *settings, struct config_errors *mistakes)
{
    if (settings->memory_max == 0 || settings->memory_max >= MEMORY_MIN)
        return;
    config_error_add(mistakes, settings_values_origin(settings->said, "limits.memory", "default"),
                     "limits.memory", "%lld bytes are too few to live on: at least 32M, or 0",
                     (long long)settings->memory_max);
}

void settings_complete(struct settings *settings, struct config_errors *mistakes)
{
    for (size_t i = 0; i < settings->provider_count; i++)
        provider_complete(&settings->providers[i], settings->said, mistakes);
    for (size_t i = 0; i < settings->client_count; i++)
        client_complete(settings, i, mistakes);
    for (size_t i = 0; i < settings->alias_count; i++)
        alias_complete(settings, i, mistakes);
    check_listen(settings, mistakes);
    check_ledger(settings, mistakes);
    check_peers(settings, mistakes);
    check_auth_status(settings, mistakes);
    check_memory(settings, mistakes);
    choose_default(settings, mistakes);
    fit_pool(settings, mistakes);
}
