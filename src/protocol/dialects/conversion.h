/* One exchange whose client and provider speak different dialects. */
#ifndef PENSTOCK_PROTOCOL_DIALECTS_CONVERSION_H
#define PENSTOCK_PROTOCOL_DIALECTS_CONVERSION_H

#include <stdbool.h>

#include "base/base.h"
#include "config/api.h"
#include "protocol/answer_writer.h"
#include "protocol/conversation.h"
#include "protocol/protocol.h"
#include "protocol/provider_facts.h"

struct arena;
struct failure;
struct model_request;
struct provider_side;
struct settings;
struct target;

/* The state of the struct protocol that conversion_protocol() returns. */
struct conversion {
    struct arena *arena;
    struct conversation conversation;
    struct provider_facts facts;
    const struct provider_side *provider;
    struct answer_writer writer;
};

/* The folder of `settings` remembers signatures. Converts `request` from the client's dialect to the
 * provider's; its original body stays in the arena. The pair must not be native. `private` is what the
 * client's dialect keeps over all attempts, or NULL. Fails with bad_request, naming the client's member, if
 * one of the dialects cannot express the request. */
bool conversion_open(struct conversion *conversion, struct arena *arena, enum api client, enum api provider,
                     const struct settings *settings, const struct target *target,
                     struct model_request *request, void *private, struct failure *why) MUST_CHECK;

/* Returns the path of the request, in the arena. */
const char *conversion_path(const struct conversion *conversion, bool stream);

/* Begins the answer of another attempt. */
void conversion_begin(struct conversion *conversion);

/* Returns the functions that convert them to the run gateway's API, whose answers are chats in other words.
 */
const struct protocol *conversion_run_protocol(enum api provider);

/* Returns the functions that convert answers of a provider's dialect. */
const struct protocol *conversion_protocol(enum api provider);

#endif
