/* Resolves the model that a client names to a target: provider, model and parameters. */
#ifndef PENSTOCK_ROUTING_TARGET_H
#define PENSTOCK_ROUTING_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct alias_settings;
struct arena;
struct client_settings;
struct failure;
struct provider_settings;
struct settings;

#define TARGET_PARAMETERS_MAX 16

struct target {
    const struct provider_settings *provider;
    const char *model;                                   /* as the provider names it; NULL: none */
    const struct alias_settings *alias;                  /* the alias that the client named; NULL: none */
    size_t index;                                        /* position in the alias's list */
    struct name_value parameters[TARGET_PARAMETERS_MAX]; /* after the ? of the name; values are JSON texts */
    size_t parameter_count;
};

/* Resolves "PROVIDER:MODEL", an alias (to the first of its targets that can be resolved), "PROVIDER/MODEL"
 * unless the models of the default provider are named after vendors, or a model of the default provider, with
 * optional parameters "?name=value&..." at the end. Fails with model_not_found or bad_request. */
bool target_find(const struct settings *settings, struct arena *arena, const char *name,
                 struct target *target, struct failure *why) MUST_CHECK;

/* The same for a client (NULL: anonymous). `name` may be NULL, and force_model takes precedence over it.
 * Fails with forbidden if the client may not use the model. */
bool target_choose(const struct settings *settings, const struct client_settings *client, struct arena *arena,
                   const char *name, struct target *target, struct failure *why) MUST_CHECK;

/* Resolves the target at `index` of the alias that `name` or force_model names; false if the alias has no
 * such target or it cannot be resolved. */
bool target_at(const struct settings *settings, struct arena *arena, const char *name, size_t index,
               struct target *target) MUST_CHECK;

/* Fills `order` with the positions of the alias's targets in the order in which they are asked: as listed, or
 * if they have weights by a draw without return. `random` returns numbers from 0 to UINT32_MAX. Targets of
 * weight 0 come last. A caller that passes over targets draws by weight among the rest. */
void target_draw_order(const struct alias_settings *alias, size_t order[static TARGETS_MAX],
                       uint32_t (*random)(void));

/* Removes the parameter, if the target has it. */
void target_drop_parameter(struct target *target, const char *name);

/* True if the target at `index` is one of the larger ones. */
bool target_is_larger(const struct alias_settings *alias, size_t index);

/* True if the client may use the alias `name`, or this model of the provider. */
bool target_name_allowed(const struct client_settings *client, const char *name);
bool target_model_allowed(const struct settings *settings, const struct client_settings *client,
                          struct arena *arena, const struct provider_settings *provider, const char *model);

/* Returns the provider that `name` begins with, with a colon or a slash, NULL if `name` is an alias or a
 * model of the default provider. */
const struct provider_settings *target_named_provider(const struct settings *settings, const char *name);

/* Returns the provider in "PROVIDER/MODEL", whatever the default provider, if `name` is neither
 * "PROVIDER:MODEL" nor an alias; NULL if there is none. */
const struct provider_settings *target_slash_provider(const struct settings *settings, const char *name);

/* Returns "PROVIDER:MODEL" for a name with a slash provider for which the client has brought its own key. A
 * name without a second slash remains whole at a default provider whose models are named after vendors,
 * because there the vendor may have the provider's name. The result lives in the arena or is `name`. */
const char *target_for_own_key(const struct settings *settings, struct arena *arena, const char *name,
                               const struct provider_settings *provider);

/* Returns the alias of this name, NULL if there is none. */
const struct alias_settings *target_find_alias(const struct settings *settings, const char *name);

#endif
