/* Rules that join several settings, and rules for clients and aliases.
 *
 * The rules run last, after file, environment and command line have been merged, so that a value from one
 * source can complete a value from another. Each error has the origin of its setting, or else of the
 * setting's group. */
#include "config/settings_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/digest.h"
#include "base/memory.h"
#include "config/config_errors.h"
#include "config/provider_rules.h"
#include "config/redis_address.h"
#include "config/settings_types.h"
#include "config/settings_values.h"
#include "config/text_validate.h"

_Static_assert(sizeof((struct client_settings *)0)->key_digest == DIGEST_BYTES, "a key's digest is SHA-256");

#define MEMORY_MIN (32 * 1024 * 1024)
#define ITEM_PATH_SIZE 64
#define CLIENT_NAME_MAX 128 /* the ledger's key of a client has this size */

static bool is_set(const char *text)
{
    return text && *text;
}

/* Reports the error of a setting outside groups, unless it is NULL. */
static void report(const struct settings *settings, const char *path, const char *error,
                   struct config_errors *errors)
{
    if (error)
        config_error_add(errors, settings_values_origin(settings->values, path, "default"), path, "%s",
                         error);
}

/* Like report(), for a member of an item in a list of groups. */
static void report_member(const struct settings *settings, const char *list, size_t index, const char *member,
                          const char *error, struct config_errors *errors)
{
    char item[ITEM_PATH_SIZE], path[ITEM_PATH_SIZE * 2];
    if (!error)
        return;
    snprintf(item, sizeof item, "%s.[%zu]", list, index);
    snprintf(path, sizeof path, "%s.%s", item, member);
    const char *origin = settings_values_origin(settings->values, item, list);
    config_error_add(errors, settings_values_origin(settings->values, path, origin), path, "%s", error);
}

/* ---- clients ---- */

/* The usage log and the accounts identify a client by its name, so two clients with one name would share an
 * account. */
static const char *check_client_name(const struct settings *settings, size_t index)
{
    const char *name = settings->clients[index].name;
    if (!is_set(name))
        return "is missing";
    for (size_t i = 0; i < index; i++)
        if (settings->clients[i].name && strcmp(settings->clients[i].name, name) == 0)
            return "another client has this name";
    return strlen(name) > CLIENT_NAME_MAX ? "must not be longer than 128 bytes" : NULL;
}

static bool is_key_taken(const struct settings *settings, size_t index)
{
    const struct client_settings *clients = settings->clients;
    for (size_t i = 0; i < index; i++)
        if (clients[i].has_key && digest_equal(clients[i].key_digest, clients[index].key_digest))
            return true;
    return false;
}

static const char *complete_client_key(struct settings *settings, size_t index)
{
    struct client_settings *client = &settings->clients[index];
    bool has_login = is_set(client->remote_user) || is_set(client->certificate);
    if (!is_set(client->key_sha256))
        return has_login ? NULL : "is missing; penstock key new NAME creates an entry with its key";
    if (!digest_parse(client->key_sha256, client->key_digest))
        return "must be 64 hexadecimal digits, the SHA-256 of the key";
    if (is_key_taken(settings, index))
        return "another client has this key";
    client->has_key = true;
    return NULL;
}

static bool is_same(const char *one, const char *other)
{
    return is_set(one) && is_set(other) && strcmp(one, other) == 0;
}

/* If two clients had the same login, the second would never be found. */
static void check_client_logins(const struct settings *settings, size_t index, struct config_errors *errors)
{
    const struct client_settings *client = &settings->clients[index];
    for (size_t i = 0; i < index; i++) {
        const struct client_settings *other = &settings->clients[i];
        if (is_same(client->remote_user, other->remote_user))
            report_member(settings, "clients", index, "remote_user", "another client has this login", errors);
        if (is_same(client->certificate, other->certificate))
            report_member(settings, "clients", index, "certificate", "another client has this certificate",
                          errors);
    }
}

static void complete_client(struct settings *settings, size_t index, struct config_errors *errors)
{
    struct client_settings *client = &settings->clients[index];
    report_member(settings, "clients", index, "name", check_client_name(settings, index), errors);
    report_member(settings, "clients", index, "key_sha256", complete_client_key(settings, index), errors);
    check_client_logins(settings, index, errors);
    if (is_set(client->expires) && !date_parse(client->expires, &client->expires_s))
        report_member(settings, "clients", index, "expires",
                      "must be a date such as \"2026-12-31\" or a time such as \"2026-12-31T18:00:00Z\"",
                      errors);
}

/* ---- aliases ---- */

/* Routing never looks up an alias that reads as PROVIDER:MODEL or contains a question mark. */
static const char *check_alias_name(const struct settings *settings, size_t index)
{
    const char *name = settings->aliases[index].name;
    if (!is_set(name))
        return "is missing";
    if (strpbrk(name, "? "))
        return "must not contain a blank or a question mark";
    size_t prefix = strcspn(name, ":/");
    for (size_t i = 0; name[prefix] == ':' && i < settings->provider_count; i++)
        if (strlen(settings->providers[i].name) == prefix &&
            strncmp(settings->providers[i].name, name, prefix) == 0)
            return "begins with the name of a provider and a colon, so it would be a model of that provider";
    for (size_t i = 0; i < index; i++)
        if (settings->aliases[i].name && strcmp(settings->aliases[i].name, name) == 0)
            return "another alias has this name";
    return NULL;
}

/* If no target has a weight, they are tried as listed. */
static const char *check_targets(const struct target_list *targets)
{
    size_t weighted = 0, positive = 0;
    for (size_t i = 0; i < targets->count; i++) {
        weighted += targets->options[i].weight >= 0;
        positive += targets->options[i].weight != 0;
    }
    if (!targets->count)
        return "is missing; give it as [ \"PROVIDER:MODEL\" ]";
    if (targets->count > TARGETS_MAX)
        return "must not have more than 16 targets";
    return weighted && !positive ? "one of the targets must have a weight above 0" : NULL;
}

static bool is_listed(const struct target_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

static void check_alias(const struct settings *settings, size_t index, struct config_errors *errors)
{
    const struct alias_settings *alias = &settings->aliases[index];
    report_member(settings, "aliases", index, "name", check_alias_name(settings, index), errors);
    report_member(settings, "aliases", index, "targets", check_targets(&alias->targets), errors);
    for (size_t i = 0; i < alias->larger.count; i++)
        if (!is_listed(&alias->targets, alias->larger.items[i]))
            report_member(settings, "aliases", index, "larger",
                          "must be one of the targets, in the same spelling", errors);
}

/* ---- pool ---- */

/* Makes `*smaller` <= `*larger`. A number that is set prevails over a default: max_workers = 2 alone asks for
 * a small pool and does not contradict the default of 4 spare workers. Two numbers that are set can
 * contradict each other. */
static void order(struct settings *settings, int64_t *smaller, const char *smaller_path, int64_t *larger,
                  const char *larger_path, struct config_errors *errors)
{
    if (*smaller <= *larger)
        return;
    bool smaller_is_set = settings_values_find(settings->values, smaller_path);
    bool larger_is_set = settings_values_find(settings->values, larger_path);
    if (smaller_is_set && larger_is_set)
        config_error_add(errors, settings_values_origin(settings->values, smaller_path, "default"),
                         smaller_path, "must not exceed %s: %lld is more than %lld", larger_path,
                         (long long)*smaller, (long long)*larger);
    if (smaller_is_set)
        *larger = *smaller;
    else
        *smaller = *larger;
}

/* Applies max_workers first, because it bounds both other numbers. */
static void fit_pool(struct settings *settings, struct config_errors *errors)
{
    order(settings, &settings->max_spare, "pool.max_spare", &settings->max_workers, "pool.max_workers",
          errors);
    order(settings, &settings->min_spare, "pool.min_spare", &settings->max_workers, "pool.max_workers",
          errors);
    order(settings, &settings->min_spare, "pool.min_spare", &settings->max_spare, "pool.max_spare", errors);
}

/* ---- other settings ---- */

/* Chooses no default among several providers, because a prompt could be sent to a company for which it was
 * not meant. */
static void choose_default_provider(struct settings *settings, struct config_errors *errors)
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
    config_error_add(errors, settings_values_origin(settings->values, "default_provider", "default"),
                     "default_provider", "no provider \"%.100s\" is configured", settings->default_provider);
}

static const char *check_passthrough(const struct settings *settings)
{
    const char *name = settings->passthrough;
    for (size_t i = 0; i < settings->provider_count; i++)
        if (strcmp(settings->providers[i].name, name) == 0)
            return NULL;
    return *name ? "must be the name of a configured provider" : NULL;
}

/* An address without a scheme could be a file or a host. */
static const char *check_ledger(const struct settings *settings)
{
    struct redis_address address;
    const char *error = *settings->ledger ? redis_address_parse(settings->ledger, &address) : NULL;
#ifndef HAVE_HIREDIS
    if (!error && *settings->ledger)
        error = "this penstock is built without Redis; build it with ./configure --with-redis";
#endif
    return error;
}

static void check_origins(const struct settings *settings, struct config_errors *errors)
{
    static const char path[] = "access.origins";
    for (size_t i = 0; i < settings->origins.count; i++) {
        const char *error = validate_origin(settings->origins.items[i]);
        if (error)
            config_error_add(errors, settings_values_origin(settings->values, path, "default"), path,
                             "\"%.60s\" %s", settings->origins.items[i], error);
    }
}

/* Host names are invalid, because the resolver would then decide which peers are trusted. */
static void check_peers(const struct settings *settings, struct config_errors *errors)
{
    static const char path[] = "access.trusted_peers";
    for (size_t i = 0; i < settings->trusted_peers.count; i++) {
        const char *error = validate_address(settings->trusted_peers.items[i]);
        if (error)
            config_error_add(errors, settings_values_origin(settings->values, path, "default"), path,
                             "\"%.60s\" %s", settings->trusted_peers.items[i], error);
    }
}

void settings_complete(struct settings *settings, struct config_errors *errors)
{
    for (size_t i = 0; i < settings->provider_count; i++)
        provider_complete(&settings->providers[i], settings->values, errors);
    for (size_t i = 0; i < settings->client_count; i++)
        complete_client(settings, i, errors);
    for (size_t i = 0; i < settings->alias_count; i++)
        check_alias(settings, i, errors);
    report(settings, "listen", validate_listen(settings->listen), errors);
    report(settings, "ledger", check_ledger(settings), errors);
    report(settings, "passthrough", check_passthrough(settings), errors);
    check_origins(settings, errors);
    check_peers(settings, errors);
    if (settings->auth_error_status != 0 && settings->auth_error_status < 400)
        report(settings, "auth_error_status", "must be the status of an error, 400 to 599, or 0", errors);
    if (settings->memory_max != 0 && settings->memory_max < MEMORY_MIN)
        report(settings, "limits.memory", "must be at least \"32M\", or \"0\" for no limit", errors);
    if (*settings->cost_header)
        report(settings, "cost_header", validate_header_name(settings->cost_header), errors);
    choose_default_provider(settings, errors);
    fit_pool(settings, errors);
}
