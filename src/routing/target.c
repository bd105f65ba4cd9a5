/* Resolves the model that a client names to a target: provider, model and parameters.
 *
 * A colon separates provider and model only if it comes before the first slash, because names of models
 * contain both ("meta/llama3:free"). A slash separates them only if a provider is named so and the models of
 * the default provider are not named after vendors. After a question mark a name may have parameters, as in
 * "groq:llama?temperature=0.2": members that are added to the request unless it has them. */
#include "routing/target.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "base/pattern.h"
#include "base/url.h"
#include "config/preset.h"
#include "config/settings.h"
#include "format/json.h"
#include "format/json_write.h"

#define VALUE_MAX 4096
#define NAME_MAX_LENGTH 255 /* longer names are no aliases */

/* ---- parameters ---- */

/* A number, true, false or null is used unchanged; any other value becomes a string. Returns NULL if the
 * value is too long. */
static const char *to_json(struct arena *arena, const char *value)
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

void target_drop_parameter(struct target *target, const char *name)
{
    struct name_value *found = find_parameter(target, name);
    if (found)
        *found = target->parameters[--target->parameter_count];
}

/* Parameters at the index `own` or above come from the same name, where the last value applies. Parameters
 * below it come from the name that the client used, which takes precedence over the target of the alias. */
static bool add_parameter(struct target *target, struct arena *arena, size_t own, char *name,
                          const char *value, struct failure *why)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    if (name[strspn(name, allowed)])
        return fail(why, FAILURE_BAD_REQUEST, "the model's name has an invalid parameter \"%.60s\"", name);
    struct name_value *same = find_parameter(target, name);
    if (same && same < target->parameters + own)
        return true;
    if (!same && target->parameter_count == TARGET_PARAMETERS_MAX)
        return fail(why, FAILURE_BAD_REQUEST, "the model's name has more than %d parameters",
                    TARGET_PARAMETERS_MAX);
    const char *json = to_json(arena, value);
    if (!json)
        return fail(why, FAILURE_BAD_REQUEST, "the parameter \"%s\" of the model's name is too long", name);
    if (!same)
        same = &target->parameters[target->parameter_count++];
    *same = (struct name_value){.name = name, .value = (char *)json};
    return true;
}

/* Adds the parameters of "a=1&b=2"; a name without a value is ignored. */
static bool add_parameters(struct target *target, struct arena *arena, const char *tail, struct failure *why)
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

/* Splits the parameters off the name and adds them to the target. */
static bool split_parameters(struct target *target, struct arena *arena, const char *text, const char **name,
                             struct failure *why)
{
    size_t length = strcspn(text, "?");
    *name = arena_copy(arena, text, length);
    return !text[length] || add_parameters(target, arena, text + length + 1, why);
}

/* ---- the name ---- */

const struct alias_settings *target_find_alias(const struct settings *settings, const char *name)
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

/* Finds the provider that the name begins with; `model` is the rest of the name. */
static const struct provider_settings *named_provider(const struct settings *settings, const char *name,
                                                      const char **model)
{
    size_t prefix = strcspn(name, ":/");
    const struct provider_settings *found = name[prefix] == ':' ? settings_provider(settings, name, prefix)
                                                                : NULL;
    *model = found ? name + prefix + 1 : name;
    return found;
}

static bool has_vendor_names(const struct provider_settings *provider)
{
    return provider && provider->preset && provider->preset->vendor_names;
}

/* Finds the provider that the name begins with, followed by a slash; `model` is the rest of the name. */
static const struct provider_settings *find_slash_provider(const struct settings *settings, const char *name,
                                                           const char **model)
{
    size_t prefix = strcspn(name, ":/?");
    const struct provider_settings *found = name[prefix] == '/' ? settings_provider(settings, name, prefix)
                                                                : NULL;
    *model = found ? name + prefix + 1 : name;
    return found;
}

const struct provider_settings *target_slash_provider(const struct settings *settings, const char *name)
{
    char bare[NAME_MAX_LENGTH + 1];
    const char *ignored;
    size_t length = strcspn(name, "?");
    snprintf(bare, sizeof bare, "%.*s", (int)min_size(length, NAME_MAX_LENGTH), name);
    bool is_alias = length <= NAME_MAX_LENGTH && target_find_alias(settings, bare);
    return is_alias ? NULL : find_slash_provider(settings, name, &ignored);
}

const char *target_for_own_key(const struct settings *settings, struct arena *arena, const char *name,
                               const struct provider_settings *provider)
{
    const char *model = name + strlen(provider->name) + 1;
    bool has_vendor = model[strcspn(model, "/?")] == '/';
    if (provider == default_provider(settings) && has_vendor_names(provider) && !has_vendor)
        return name;
    return arena_format(arena, "%s:%s", provider->name, model);
}

const struct provider_settings *target_named_provider(const struct settings *settings, const char *name)
{
    const char *ignored;
    const struct provider_settings *found = named_provider(settings, name, &ignored);
    if (found || has_vendor_names(default_provider(settings)))
        return found;
    return target_slash_provider(settings, name);
}

/* The source is the gateway, because no provider has been called. */
static bool reject_model(struct failure *why, const char *requested)
{
    fail(why, FAILURE_MODEL_NOT_FOUND,
         "no provider for the model \"%.100s\"; use PROVIDER:MODEL, or set default_provider", requested);
    why->source = SOURCE_GATEWAY;
    return false;
}

static bool choose_provider(const struct settings *settings, const char *name, struct target *target,
                            struct failure *why)
{
    const struct provider_settings *standard = default_provider(settings);
    target->provider = named_provider(settings, name, &target->model);
    if (!target->provider && !has_vendor_names(standard))
        target->provider = find_slash_provider(settings, name, &target->model);
    if (!target->provider)
        target->provider = standard;
    if (!target->provider)
        return reject_model(why, name);
    if (!*target->model)
        return fail(why, FAILURE_BAD_REQUEST, "\"%.100s\" names a provider but no model", name);
    return true;
}

/* ---- permissions ---- */

bool target_name_allowed(const struct client_settings *client, const char *name)
{
    if (!client || !client->models.count)
        return true;
    for (size_t i = 0; i < client->models.count; i++)
        if (pattern_matches(client->models.items[i], name))
            return true;
    return false;
}

bool target_model_allowed(const struct settings *settings, const struct client_settings *client,
                          struct arena *arena, const struct provider_settings *provider, const char *model)
{
    if (!client || !client->models.count)
        return true;
    const char *full_name = arena_format(arena, "%s:%s", provider->name, model);
    return target_name_allowed(client, full_name) ||
           (provider == default_provider(settings) && target_name_allowed(client, model));
}

static bool check_allowed(const struct settings *settings, const struct client_settings *client,
                          struct arena *arena, const char *name, const struct target *target,
                          struct failure *why)
{
    bool allowed = target->alias ? target_name_allowed(client, target->alias->name)
                                 : target_model_allowed(settings, client, arena, target->provider,
                                                        target->model ? target->model : "");
    return allowed || fail(why, FAILURE_FORBIDDEN, "the client \"%.60s\" may not use the model \"%.100s\"",
                           client->name, name);
}

static bool resolve(const struct settings *settings, struct arena *arena, const char *requested, size_t index,
                    struct target *target, struct failure *why)
{
    const char *name, *target_name, *ignored;
    *target = (struct target){0};
    if (!split_parameters(target, arena, requested, &name, why))
        return false;
    if (!named_provider(settings, name, &ignored))
        target->alias = target_find_alias(settings, name);
    target_name = name;
    target->index = index;
    if (target->alias && index >= target->alias->targets.count)
        return fail(why, FAILURE_MODEL_NOT_FOUND, "the alias \"%.60s\" has no more targets", name);
    if (target->alias &&
        !split_parameters(target, arena, target->alias->targets.items[index], &target_name, why))
        return false;
    return choose_provider(settings, target_name, target, why);
}

bool target_find(const struct settings *settings, struct arena *arena, const char *requested,
                 struct target *target, struct failure *why)
{
    struct failure ignored;
    if (resolve(settings, arena, requested, 0, target, why))
        return true;
    for (size_t i = 1; target->alias && i < target->alias->targets.count; i++)
        if (resolve(settings, arena, requested, i, target, &ignored))
            return true;
    return false;
}

static const char *effective_name(const struct settings *settings, const char *requested)
{
    return *settings->force_model ? settings->force_model : requested;
}

bool target_at(const struct settings *settings, struct arena *arena, const char *requested, size_t index,
               struct target *target)
{
    struct failure ignored;
    return resolve(settings, arena, effective_name(settings, requested), index, target, &ignored);
}

static int64_t weight_of(const struct alias_settings *alias, size_t index)
{
    int64_t weight = alias->targets.options[index].weight;
    return weight < 0 ? 1 : weight;
}

static bool has_weights(const struct alias_settings *alias)
{
    for (size_t i = 0; i < alias->targets.count; i++)
        if (alias->targets.options[i].weight >= 0)
            return true;
    return false;
}

/* Returns the place in `order`, from `place` on, that the draw hits. */
static size_t draw(const struct alias_settings *alias, const size_t *order, size_t place, uint32_t random)
{
    int64_t total = 0, at;
    for (size_t i = place; i < alias->targets.count; i++)
        total += weight_of(alias, order[i]);
    if (!total)
        return place;
    at = (int64_t)((uint64_t)total * random >> 32);
    for (size_t i = place;; i++) {
        at -= weight_of(alias, order[i]);
        if (at < 0)
            return i;
    }
}

void target_draw_order(const struct alias_settings *alias, size_t order[static TARGETS_MAX],
                       uint32_t (*random)(void))
{
    size_t count = min_size(alias->targets.count, TARGETS_MAX);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    if (!has_weights(alias))
        return;
    for (size_t place = 0; place < count; place++) {
        size_t hit = draw(alias, order, place, random()), drawn = order[hit];
        memmove(&order[place + 1], &order[place], (hit - place) * sizeof *order);
        order[place] = drawn;
    }
}

bool target_is_larger(const struct alias_settings *alias, size_t index)
{
    if (alias->targets.options[index].larger)
        return true;
    for (size_t i = 0; i < alias->larger.count; i++)
        if (strcmp(alias->larger.items[i], alias->targets.items[index]) == 0)
            return true;
    return false;
}

bool target_choose(const struct settings *settings, const struct client_settings *client, struct arena *arena,
                   const char *requested, struct target *target, struct failure *why)
{
    const char *name = effective_name(settings, requested);
    if (name)
        return target_find(settings, arena, name, target, why) &&
               check_allowed(settings, client, arena, name, target, why);
    *target = (struct target){.provider = default_provider(settings)};
    if (!target->provider)
        return reject_model(why, "");
    return check_allowed(settings, client, arena, "", target, why);
}
