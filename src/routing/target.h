/* Who is to answer: provider, model and parameters, from the name that was asked for. */
#ifndef PENSTOCK_ROUTING_TARGET_H
#define PENSTOCK_ROUTING_TARGET_H

#include <stdbool.h>
#include <stddef.h>

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
    const char *model;                                   /* as the provider knows it; NULL: none was named */
    const struct alias_settings *alias;                  /* that it was asked for by; NULL: none */
    struct name_value parameters[TARGET_PARAMETERS_MAX]; /* of the name's tail; the values are JSON texts */
    size_t parameter_count;
};

/* What is asked for: "PROVIDER:MODEL", an alias or a model of the default provider, with "?name=value&..."
 * behind. Of an alias the first target. model_not_found or bad_request. */
bool target_find(const struct settings *settings, struct arena *arena, const char *asked,
                 struct target *target, struct failure *why) MUST_CHECK;

/* The same for a client (NULL: an anonymous one), for whom force_model counts before what is asked for (NULL:
 * nothing); forbidden where it may not use that. */
bool target_choose(const struct settings *settings, const struct client_settings *client, struct arena *arena,
                   const char *asked, struct target *target, struct failure *why) MUST_CHECK;

/* The target at that place behind the alias that was chosen, for the same asker; false: there is none, or it
 * is not to be had. */
bool target_other(const struct settings *settings, struct arena *arena, const char *asked, size_t place,
                  struct target *target) MUST_CHECK;

/* Without that parameter, if the name had it. */
void target_leave_out(struct target *target, const char *name);

/* Is the target at that place one that takes more than others? */
bool target_is_larger(const struct alias_settings *alias, size_t place);

/* May the client use what is asked for by this name, an alias? By this model of the provider? */
bool target_allows_name(const struct client_settings *client, const char *name);
bool target_allows_model(const struct settings *settings, const struct client_settings *client,
                         struct arena *arena, const struct provider_settings *provider, const char *model);

/* The alias of that name, or NULL. */
const struct alias_settings *target_alias(const struct settings *settings, const char *name);

#endif
