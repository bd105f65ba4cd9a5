/* Refuses members of a request that the provider's dialect cannot express. */
#include "protocol/refused_members.h"

#include <string.h>

#include "base/failure.h"
#include "protocol/conversation_build.h"
#include "protocol/json_members.h"

static bool says_something(struct json_value value)
{
    struct json_value inside;
    switch (json_kind(value)) {
    case JSON_NONE:
    case JSON_NULL:
    case JSON_FALSE:
        return false;
    case JSON_NUMBER:
        return strspn(value.at, "-0.eE+") < value.length;
    case JSON_STRING:
        return value.length > 2;
    case JSON_OBJECT:
        inside = json_members(value);
        return inside.length && strspn(inside.at, " \t\r\n") < inside.length;
    default:
        inside = json_elements(value);
        return inside.length && strspn(inside.at, " \t\r\n") < inside.length;
    }
}

/* Returns the client's own name of the member. */
static const char *name_of(const struct conversation *conversation, enum said which)
{
    for (size_t i = 0; i < conversation->order_count; i++)
        if (conversation->order[i].which == which)
            return json_string(conversation->arena, conversation->order[i].name, NULL);
    return "request";
}

bool refused_members_check(const struct conversation *conversation, const enum said *members, size_t count,
                           struct failure *why)
{
    for (size_t i = 0; i < count; i++) {
        if (!says_something(conversation->said[members[i]]))
            continue;
        struct place place = {conversation->arena, name_of(conversation, members[i]), -1};
        return refuse_at(&place, why, "has no %s representation", conversation_provider_api(conversation));
    }
    if (!conversation->logprobs || conversation->provider == API_CHAT ||
        conversation->provider == API_RESPONSES)
        return true;
    struct place place = {conversation->arena,
                          conversation->client == API_RESPONSES ? "top_logprobs" : "logprobs", -1};
    return refuse_at(&place, why, "has no %s representation", conversation_provider_api(conversation));
}
