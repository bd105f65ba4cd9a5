/* Who is to answer: provider, model and parameters, from the name that was asked for.
 *
 * The first colon parts the provider from the model only before the first slash, for names of models hold
 * both ("meta/llama3:free"). Behind a question mark a name may carry parameters, as in
 * "groq:llama?temperature=0.2": members that the request gets unless it has them. */
#include "routing/target.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "base/pattern.h"
#include "base/url.h"
#include "config/settings.h"
#include "format/json.h"
#include "format/json_write.h"

#define VALUE_MAX 4096

/* ---- the tail ---- */

/* A number, true, false or null stands as it is; all else is a string. */
static const char *json_of(struct arena *arena, const char *value)
{
    struct json_value text = {value, strlen(value)}, root;
    struct json_fault fault;
    if (json_check(text, 1, JSON_UTF8_ANY, &root, &fault) && !strchr("\"{[", *root.at))
        return arena_copy(arena, root.at, root.length);
    struct buffer quoted;
    buffer_init(&quoted, VALUE_MAX);
    const char *copy = json_quote(&quoted, value, text.length)
                           ? arena_copy(arena, quoted.bytes, quoted.length)
                           : NULL;
    buffer_free(&quoted);
    return copy;
}

static struct name_value *find_parameter(struct target *target, const char *name)
{
    for (size_t i = 0; i < target->parameter_count; i++)
        if (strcmp(target->parameters[i].name, name) == 0)
            return &target->parameters[i];
    return NULL;
}

void target_leave_out(struct target *target, const char *name)
{
    struct name_value *found = find_parameter(target, name);
    if (found)
        *found = target->parameters[--target->parameter_count];
}

/* What is there from `own` on comes from the same tail, of which the last word counts; what stands before was
 * said by somebody who comes first. */
static bool add_parameter(struct target *target, struct arena *arena, size_t own, char *name,
                          const char *value, struct failure *why)
{
    static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    if (name[strspn(name, good)])
        return fail(why, FAILURE_BAD_REQUEST, "the model's name carries a parameter \"%.60s\"", name);
    struct name_value *same = find_parameter(target, name);
    if (same && same < target->parameters + own)
        return true;
    if (!same && target->parameter_count == TARGET_PARAMETERS_MAX)
        return fail(why, FAILURE_BAD_REQUEST, "the model's name carries more than %d parameters",
                    TARGET_PARAMETERS_MAX);
    const char *json = json_of(arena, value);
    if (!json)
        return fail(why, FAILURE_BAD_REQUEST, "the parameter \"%s\" of the model's name is too long", name);
    if (!same)
        same = &target->parameters[target->parameter_count++];
    *same = (struct name_value){.name = name, .value = (char *)json};
    return true;
}

/* "a=1&b=2": a name without a value says nothing. */
static bool read_tail(struct target *target, struct arena *arena, const char *tail, struct failure *why)
{
    size_t own = target->parameter_count;
    while (*tail) {
        size_t length = strcspn(tail, "&"), name = strcspn(tail, "=&");
        if (name > 0 && tail[name] == '=' &&
            !add_parameter(target, arena, own, url_percent_decode(arena, tail, name),
                           url_percent_decode(arena, tail + name + 1, length - name - 1), why))
            return false;
        tail += length + (tail[length] == '&');
    }
    return true;
}

/* The name without its tail. */
static bool cut_tail(struct target *target, struct arena *arena, const char *text, const char **name,
                     struct failure *why)
{
    size_t length = strcspn(text, "?");
    *name = arena_copy(arena, text, length);
    return !text[length] || read_tail(target, arena, text + length + 1, why);
}

/* ---- the name ---- */

const struct alias_settings *target_alias(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->alias_count; i++)
        if (strcmp(settings->aliases[i].name, name) == 0)
            return &settings->aliases[i];
    return NULL;
}

static const struct provider_settings *default_provider(const struct settings *settings)
{
    const char *name = settings->default_provider;
    return name ? settings_provider(settings, name, strlen(name)) : NULL;
}

/* The provider that the name begins with; what is left of it goes to `model`. */
static const struct provider_settings *named_provider(const struct settings *settings, const char *name,
                                                      const char **model)
{
    size_t prefix = strcspn(name, ":/");
    const struct provider_settings *found = name[prefix] == ':' ? settings_provider(settings, name, prefix)
                                                                : NULL;
    *model = found ? name + prefix + 1 : name;
    return found;
}

/* Ours, not a provider's: nobody was asked. */
static bool refuse_model(struct failure *why, const char *asked)
{
    fail(why, FAILURE_MODEL_NOT_FOUND,
         "no provider for the model \"%.100s\": ask for PROVIDER:MODEL, or default_provider is to be set",
         asked);
    why->source = SOURCE_GATEWAY;
    return false;
}

static bool choose_provider(const struct settings *settings, const char *name, struct target *target,
                            struct failure *why)
{
    target->provider = named_provider(settings, name, &target->model);
    if (!target->provider)
        target->provider = default_provider(settings);
    if (!target->provider)
        return refuse_model(why, name);
    if (!*target->model)
        return fail(why, FAILURE_BAD_REQUEST, "the model \"%.100s\" names a provider and no model", name);
    return true;
}

/* ---- what a client may use ---- */

bool target_allows_name(const struct client_settings *client, const char *name)
{
    if (!client || !client->models.count)
        return true;
    for (size_t i = 0; i < client->models.count; i++)
        if (pattern_matches(client->models.items[i], name))
            return true;
    return false;
}

bool target_allows_model(const struct settings *settings, const struct client_settings *client,
                         struct arena *arena, const struct provider_settings *provider, const char *model)
{
    if (!client || !client->models.count)
        return true;
    const char *whole = arena_format(arena, "%s:%s", provider->name, model);
    return target_allows_name(client, whole) ||
           (provider == default_provider(settings) && target_allows_name(client, model));
}

static bool check_allowed(const struct settings *settings, const struct client_settings *client,
                          struct arena *arena, const char *name, const struct target *target,
                          struct failure *why)
{
    bool allowed = target->alias ? target_allows_name(client, target->alias->name)
                                 : target_allows_model(settings, client, arena, target->provider,
                                                       target->model ? target->model : "");
    return allowed || fail(why, FAILURE_FORBIDDEN, "the client \"%.60s\" may not use the model \"%.100s\"",
                           client->name, name);
}

static bool find_at(const struct settings *settings, struct arena *arena, const char *asked, size_t place,
                    struct target *target, struct failure *why)
{
    const char *name, *meant, *ignored;
    *target = (struct target){0};
    if (!cut_tail(target, arena, asked, &name, why))
        return false;
    if (!named_provider(settings, name, &ignored))
        target->alias = target_alias(settings, name);
    meant = name;
    if (target->alias && place >= target->alias->targets.count)
        return fail(why, FAILURE_MODEL_NOT_FOUND, "the alias \"%.60s\" has no more targets", name);
    if (target->alias && !cut_tail(target, arena, target->alias->targets.items[place], &meant, why))
        return false;
    return choose_provider(settings, meant, target, why);
}

bool target_find(const struct settings *settings, struct arena *arena, const char *asked,
                 struct target *target, struct failure *why)
{
    return find_at(settings, arena, asked, 0, target, why);
}

static const char *name_meant(const struct settings *settings, const char *asked)
{
    return *settings->force_model ? settings->force_model : asked;
}

bool target_other(const struct settings *settings, struct arena *arena, const char *asked, size_t place,
                  struct target *target)
{
    struct failure ignored;
    return find_at(settings, arena, name_meant(settings, asked), place, target, &ignored);
}

bool target_is_larger(const struct alias_settings *alias, size_t place)
{
    for (size_t i = 0; i < alias->larger.count; i++)
        if (strcmp(alias->larger.items[i], alias->targets.items[place]) == 0)
            return true;
    return false;
}

bool target_choose(const struct settings *settings, const struct client_settings *client, struct arena *arena,
                   const char *asked, struct target *target, struct failure *why)
{
    const char *name = name_meant(settings, asked);
    if (name)
        return target_find(settings, arena, name, target, why) &&
               check_allowed(settings, client, arena, name, target, why);
    *target = (struct target){.provider = default_provider(settings)};
    if (!target->provider)
        return refuse_model(why, "");
    return check_allowed(settings, client, arena, "", target, why);
}
