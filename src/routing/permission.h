/* Checks what a request asks for besides its model: other models, a service tier, an answer that comes
 * later. */
#ifndef PENSTOCK_ROUTING_PERMISSION_H
#define PENSTOCK_ROUTING_PERMISSION_H

#include <stdbool.h>

#include "base/base.h"

struct arena;
struct client_settings;
struct failure;
struct settings;
struct splice;
struct target;

/* Fails with forbidden if `body`, a request for `target`, names a model that the client (NULL: anonymous) may
 * not use at the target's provider, in a member by which the provider may choose it: "models" and "fallbacks"
 * of OpenRouter and LiteLLM, names that end like them, or "model" within another member or a tool. Fails also
 * for "route" without "models", because the provider then chooses by itself, and for a service tier that the
 * client may not use. A client without a list of models may use all. A client with a limit on tokens or in
 * money may not ask for an answer that comes later, as by "background". */
bool permission_check(const struct settings *settings, const struct client_settings *client,
                      struct arena *arena, const struct target *target, const struct splice *body,
                      struct failure *why) MUST_CHECK;

/* Called with the name of another model that the provider may choose, NULL if only the provider knows it, and
 * the member that has it. Returns false, with the failure in `why`, to end the search. */
typedef bool permission_visit(void *context, const char *member, const char *model, struct failure *why);

/* Calls `visit` for each of them. Returns false if a call has. */
bool permission_visit_models(struct arena *arena, const struct splice *body, permission_visit *visit,
                             void *context, struct failure *why) MUST_CHECK;

/* Fails with forbidden if the client has a list of models and a form has `field`, by which the provider may
 * choose another one; NULL: it has none. */
bool permission_check_form(const struct client_settings *client, const char *field,
                           struct failure *why) MUST_CHECK;

#endif
