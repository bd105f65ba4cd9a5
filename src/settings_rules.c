/* What single values cannot show: rules that join several settings.
 *
 * They run last, when file, environment and command line have been put together, so a value from one may be
 * made right by a value from another. Each mistake is told at the place where its setting was said. */
#include "settings_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assignments.h"
#include "digest.h"
#include "memory.h"
#include "mistakes.h"
#include "provider_rules.h"
#include "settings_shape.h"
#include "text_faults.h"

_Static_assert(sizeof((struct client_settings *)0)->key_digest == DIGEST_BYTES, "a key's digest is SHA-256");

#define PATH_SIZE 64

/* ---- pool: numbers that nobody gave give way to those that somebody gave ---- */

static bool said(const struct settings *settings, const char *path)
{
    return assignment_find(settings->said, path) != NULL;
}

/* Somebody who gives only max_workers = 2 means a small pool, and not a contradiction to our default of 4
 * spare workers. Only two numbers that were both given can contradict each other. */
static void order(struct settings *settings, int64_t *less, const char *less_path, int64_t *more,
                  const char *more_path, struct mistakes *mistakes)
{
    if (*less <= *more)
        return;
    bool less_said = said(settings, less_path), more_said = said(settings, more_path);
    if (less_said && more_said)
        mistake_add(mistakes, assignment_where(settings->said, less_path, "default"), less_path,
                    "%lld is more than %s (%lld)", (long long)*less, more_path, (long long)*more);
    if (less_said)
        *more = *less;
    else
        *less = *more;
}

/* max_workers first: it bounds both others. */
static void fit_pool(struct settings *settings, struct mistakes *mistakes)
{
    order(settings, &settings->max_spare, "pool.max_spare", &settings->max_workers, "pool.max_workers",
          mistakes);
    order(settings, &settings->min_spare, "pool.min_spare", &settings->max_workers, "pool.max_workers",
          mistakes);
    order(settings, &settings->min_spare, "pool.min_spare", &settings->max_spare, "pool.max_spare", mistakes);
}

/* ---- clients ---- */

/* Tells a mistake in an item of a list of groups. */
static void tell_item(const struct settings *settings, const char *list, size_t index, const char *member,
                      const char *reason, struct mistakes *mistakes)
{
    char whole[PATH_SIZE], path[PATH_SIZE * 2];
    snprintf(whole, sizeof whole, "%s.[%zu]", list, index);
    snprintf(path, sizeof path, "%s.%s", whole, member);
    const char *where = assignment_where(settings->said, whole, list);
    mistake_add(mistakes, assignment_where(settings->said, path, where), path, "%s", reason);
}

static void tell_client(const struct settings *settings, size_t index, const char *member, const char *reason,
                        struct mistakes *mistakes)
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

/* One key for two clients would always count as the first one's. A digest that could not be read is all
 * zeros, and has been told already. */
static bool key_taken(const struct settings *settings, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (digest_equal(settings->clients[i].key_digest, settings->clients[index].key_digest))
            return true;
    return false;
}

static void complete_client(struct settings *settings, size_t index, struct mistakes *mistakes)
{
    struct client_settings *client = &settings->clients[index];
    if (!client->name || !*client->name)
        tell_client(settings, index, "name", "is missing", mistakes);
    else if (name_taken(settings, index))
        tell_client(settings, index, "name", "another client has this name", mistakes);
    if (!client->key_sha256 || !*client->key_sha256)
        tell_client(settings, index, "key_sha256", "is missing: printf %s KEY | sha256sum makes it",
                    mistakes);
    else if (!digest_parse(client->key_sha256, client->key_digest))
        tell_client(settings, index, "key_sha256", "must be 64 hexadecimal digits, the SHA-256 of the key",
                    mistakes);
    else if (key_taken(settings, index))
        tell_client(settings, index, "key_sha256", "another client has this key", mistakes);
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

static void complete_alias(const struct settings *settings, size_t index, struct mistakes *mistakes)
{
    const char *fault = alias_name_fault(settings, index);
    if (fault)
        tell_item(settings, "aliases", index, "name", fault, mistakes);
    if (!settings->aliases[index].targets.count)
        tell_item(settings, "aliases", index, "targets", "is missing: [ \"PROVIDER:MODEL\" ]", mistakes);
}

/* ---- the provider for models named without one ---- */

/* With a single provider there is nothing to choose; with several, guessing could send a prompt to a company
 * that it was not meant for. */
static void choose_default(struct settings *settings, struct mistakes *mistakes)
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
    mistake_add(mistakes, assignment_where(settings->said, "default_provider", "default"), "default_provider",
                "no provider \"%.100s\" is configured", settings->default_provider);
}

/* Told here rather than when the socket is opened, so that `penstock check` and a reload see it too. */
static void check_listen(struct settings *settings, struct mistakes *mistakes)
{
    const char *fault = listen_fault(settings->listen);
    if (fault)
        mistake_add(mistakes, assignment_where(settings->said, "listen", "default"), "listen", "%s", fault);
}

/* The range of the row lets 0 in, and with it all between. */
static void check_auth_status(struct settings *settings, struct mistakes *mistakes)
{
    if (settings->auth_error_status == 0 || settings->auth_error_status >= 400)
        return;
    mistake_add(mistakes, assignment_where(settings->said, "auth_error_status", "default"),
                "auth_error_status", "%lld is no status of an error: 400 to 599, or 0",
                (long long)settings->auth_error_status);
}

void settings_complete(struct settings *settings, struct mistakes *mistakes)
{
    for (size_t i = 0; i < settings->provider_count; i++)
        provider_complete(&settings->providers[i], settings->said, mistakes);
    for (size_t i = 0; i < settings->client_count; i++)
        complete_client(settings, i, mistakes);
    for (size_t i = 0; i < settings->alias_count; i++)
        complete_alias(settings, i, mistakes);
    check_listen(settings, mistakes);
    check_auth_status(settings, mistakes);
    choose_default(settings, mistakes);
    fit_pool(settings, mistakes);
}
