/* Rules for the items of lists: what a client and an alias must have, and what no two of them may share.
 *
 * A mistake is told at the item's member if it was said, else at the item. */
#include "config/list_rules.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/date.h"
#include "base/digest.h"
#include "config/config_errors.h"
#include "config/settings_types.h"
#include "config/settings_values.h"

_Static_assert(sizeof((struct client_settings *)0)->key_digest == DIGEST_BYTES, "a key's digest is SHA-256");

#define PATH_SIZE 64
#define NAME_MAX 128 /* what the ledger tells clients apart by */

/* ---- clients ---- */

/* Tells a mistake in an item of a list of groups. */
static void tell_item(const struct settings *settings, const char *list, size_t index, const char *member,
                      const char *reason, struct config_errors *mistakes)
{
    char whole[PATH_SIZE], path[PATH_SIZE * 2];
    snprintf(whole, sizeof whole, "%s.[%zu]", list, index);
    snprintf(path, sizeof path, "%s.%s", whole, member);
    const char *where = settings_values_origin(settings->said, whole, list);
    config_error_add(mistakes, settings_values_origin(settings->said, path, where), path, "%s", reason);
}

static void tell_client(const struct settings *settings, size_t index, const char *member, const char *reason,
                        struct config_errors *mistakes)
{
    tell_item(settings, "clients", index, member, reason, mistakes);
}

/* The usage log and the limits go by the name: two clients of one name would share an account unknowingly. */
static bool name_taken(const struct settings *settings, size_t index)
{
    const char *name = settings->clients[index].name;
    for (size_t i = 0; i < index; i++)
        if (settings->clients[i].name && strcmp(settings->clients[i].name, name) == 0)
            return true;
    return false;
}

/* One key for two clients would always count as the first one's. */
static bool key_taken(const struct settings *settings, size_t index)
{
    const struct client_settings *clients = settings->clients;
    for (size_t i = 0; i < index; i++)
        if (clients[i].has_key && digest_equal(clients[i].key_digest, clients[index].key_digest))
            return true;
    return false;
}

static bool is_given(const char *text)
{
    return text && *text;
}

static void complete_key(struct settings *settings, size_t index, struct config_errors *mistakes)
{
    struct client_settings *client = &settings->clients[index];
    bool has_login = is_given(client->remote_user) || is_given(client->certificate);
    const char *fault = NULL;
    if (!is_given(client->key_sha256))
        fault = has_login ? NULL : "is missing: penstock key new NAME makes an entry with its key";
    else if (!digest_parse(client->key_sha256, client->key_digest))
        fault = "must be 64 hexadecimal digits, the SHA-256 of the key";
    else if (key_taken(settings, index))
        fault = "another client has this key";
    else
        client->has_key = true;
    if (fault)
        tell_client(settings, index, "key_sha256", fault, mistakes);
}

/* Two clients with one login: the first one would always have it. Any login, "*", is what is left over. */
static void check_logins(const struct settings *settings, size_t index, struct config_errors *mistakes)
{
    const struct client_settings *client = &settings->clients[index];
    for (size_t i = 0; i < index; i++) {
        const struct client_settings *other = &settings->clients[i];
        if (is_given(client->remote_user) && is_given(other->remote_user) &&
            strcmp(client->remote_user, other->remote_user) == 0)
            tell_client(settings, index, "remote_user", "another client has this login", mistakes);
        if (is_given(client->certificate) && is_given(other->certificate) &&
            strcmp(client->certificate, other->certificate) == 0)
            tell_client(settings, index, "certificate", "another client has this certificate", mistakes);
    }
}

void client_complete(struct settings *settings, size_t index, struct config_errors *mistakes)
{
    struct client_settings *client = &settings->clients[index];
    if (!is_given(client->name))
        tell_client(settings, index, "name", "is missing", mistakes);
    else if (name_taken(settings, index))
        tell_client(settings, index, "name", "another client has this name", mistakes);
    else if (strlen(client->name) > NAME_MAX)
        tell_client(settings, index, "name", "must be no longer than 128 bytes", mistakes);
    complete_key(settings, index, mistakes);
    check_logins(settings, index, mistakes);
    if (is_given(client->expires) && !date_parse(client->expires, &client->expires_s))
        tell_client(settings, index, "expires",
                    "must be a date such as \"2026-12-31\", or a time such as \"2026-12-31T18:00:00Z\"",
                    mistakes);
}

/* ---- aliases ---- */

/* A name that reads as PROVIDER:MODEL, or has a tail, would never be looked for. */
static const char *alias_name_fault(const struct settings *settings, size_t index)
{
    const char *name = settings->aliases[index].name;
    if (!name || !*name)
        return "is missing";
    if (strpbrk(name, "? "))
        return "must hold neither a blank nor a question mark";
    size_t prefix = strcspn(name, ":/");
    for (size_t i = 0; name[prefix] == ':' && i < settings->provider_count; i++)
        if (strlen(settings->providers[i].name) == prefix &&
            strncmp(settings->providers[i].name, name, prefix) == 0)
            return "begins with a provider's name and a colon, and so names a model of it";
    for (size_t i = 0; i < index; i++)
        if (settings->aliases[i].name && strcmp(settings->aliases[i].name, name) == 0)
            return "another alias has this name";
    return NULL;
}

static bool holds(const struct string_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

static void check_larger(const struct settings *settings, size_t index, struct config_errors *mistakes)
{
    const struct alias_settings *alias = &settings->aliases[index];
    for (size_t i = 0; i < alias->larger.count; i++)
        if (!holds(&alias->targets, alias->larger.items[i]))
            tell_item(settings, "aliases", index, "larger",
                      "must be among the targets, as they are written there", mistakes);
}

void alias_complete(const struct settings *settings, size_t index, struct config_errors *mistakes)
{
    const char *fault = alias_name_fault(settings, index);
    if (fault)
        tell_item(settings, "aliases", index, "name", fault, mistakes);
    if (!settings->aliases[index].targets.count)
        tell_item(settings, "aliases", index, "targets", "is missing: [ \"PROVIDER:MODEL\" ]", mistakes);
    check_larger(settings, index, mistakes);
}
