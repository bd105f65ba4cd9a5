/* Changes the members of a request to the form that its provider expects.
 *
 * The rules of the preset apply first, then those of the settings, to completions only. Each rule changes one
 * member of the top level; all other members go upstream unchanged. */
#include "provider/parameters.h"

#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "base/pattern.h"
#include "config/preset.h"
#include "config/settings_types.h"
#include "format/json.h"
#include "format/json_write.h"
#include "format/splice.h"

#define QUOTED_MAX 8192

static bool drop_member(struct splice *body, const char *name, struct failure *why)
{
    struct splice_member *member;
    if (!splice_find(body, name, &member, why))
        return false;
    if (member)
        member->dropped = true;
    return true;
}

static const char *quote(struct arena *arena, const char *text)
{
    struct buffer quoted;
    buffer_init(&quoted, QUOTED_MAX);
    bool fits = json_quote(&quoted, text, strlen(text));
    const char *copy = fits ? arena_copy(arena, quoted.bytes, quoted.length) : "\"\"";
    buffer_free(&quoted);
    return copy;
}

static const char *copy_value(struct splice *body, struct json_value value)
{
    return arena_copy(body->arena, value.at, value.length);
}

/* Moves the value to the new name if that member is absent or null. Otherwise the client has used the
 * provider's own name, whose value takes precedence. */
static bool rename_member(struct splice *body, const char *old_name, const char *new_name,
                          struct failure *why)
{
    struct splice_member *old, *present;
    if (!splice_find(body, old_name, &old, why) || !splice_find(body, new_name, &present, why))
        return false;
    if (!old)
        return true;
    if (!present) {
        old->new_name = quote(body->arena, new_name);
        return true;
    }
    if (json_kind(present->was.value) == JSON_NULL)
        present->new_value = copy_value(body, old->was.value);
    old->dropped = true;
    return true;
}

static bool set_member(struct splice *body, const char *name, const char *value, struct failure *why)
{
    struct splice_member *member;
    if (!splice_find(body, name, &member, why))
        return false;
    splice_set(body, member, name, value);
    return true;
}

static bool apply_preset(const struct preset *preset, const char *model, struct splice *body,
                         struct failure *why)
{
    for (const struct parameter_rule *rule = preset->parameters; rule->name; rule++) {
        if (rule->models && !pattern_matches(rule->models, model))
            continue;
        bool good = rule->action == PARAMETER_DROP     ? drop_member(body, rule->name, why)
                    : rule->action == PARAMETER_RENAME ? rename_member(body, rule->name, rule->value, why)
                                                       : set_member(body, rule->name, rule->value, why);
        if (!good)
            return false;
    }
    return true;
}

static bool apply_settings(const struct provider_settings *provider, struct splice *body, struct failure *why)
{
    for (size_t i = 0; i < provider->drop.count; i++)
        if (!drop_member(body, provider->drop.items[i], why))
            return false;
    for (size_t i = 0; i < provider->rename.count; i++)
        if (!rename_member(body, provider->rename.items[i].name, provider->rename.items[i].value, why))
            return false;
    for (size_t i = 0; i < provider->set.count; i++)
        if (!set_member(body, provider->set.items[i].name, provider->set.items[i].value, why))
            return false;
    return true;
}

static bool set_model(struct splice *body, const char *model, struct failure *why)
{
    struct splice_member *member;
    if (!splice_find(body, "model", &member, why))
        return false;
    if (!member || !json_name_is(member->was.value, model)) /* compares any string, not only names */
        splice_set(body, member, "model", quote(body->arena, model));
    return true;
}

/* Sets "include_usage" among the client's own options. */
static bool request_usage_within(struct splice *body, struct splice_member *options, bool *usage_requested,
                                 struct failure *why)
{
    struct splice inner;
    struct splice_member *include;
    if (!splice_open(&inner, body->arena, options->was.value, JSON_DEPTH_MAX, why) ||
        !splice_find(&inner, "include_usage", &include, why))
        return false;
    *usage_requested = !include || json_kind(include->was.value) != JSON_TRUE;
    splice_set(&inner, include, "include_usage", "true");
    if (*usage_requested)
        options->new_value = splice_join(&inner).at;
    return true;
}

/* A stream reports its usage only on request (OpenAI API reference, "stream_options"). */
static bool request_usage(const struct provider_settings *provider, struct splice *body,
                          bool *usage_requested, struct failure *why)
{
    struct splice_member *options;
    if (!provider->preset->stream_usage)
        return true;
    if (!splice_find(body, "stream_options", &options, why))
        return false;
    if (options && json_kind(options->was.value) == JSON_OBJECT)
        return request_usage_within(body, options, usage_requested, why);
    if (options && json_kind(options->was.value) != JSON_NULL)
        return true; /* the provider reports the error */
    splice_set(body, options, "stream_options", "{\"include_usage\":true}");
    *usage_requested = true;
    return true;
}

bool parameters_apply(const struct provider_settings *provider, const struct parameters *parameters,
                      bool *usage_requested, struct failure *why)
{
    struct splice *body = parameters->body;
    const char *model = parameters->model;
    *usage_requested = false;
    if (parameters->completion && !(apply_preset(provider->preset, model ? model : "", body, why) &&
                                    apply_settings(provider, body, why)))
        return false;
    if (model && !set_model(body, model, why))
        return false;
    return !parameters->completion || !parameters->stream ||
           request_usage(provider, body, usage_requested, why);
}
