/* The members of a request that rules of the gateway read, and how they must not be written.
 *
 * One list serves all dialects and routes: a member that one rule reads must have one meaning everywhere, and
 * a client gains nothing from writing such a name twice. The members that only a provider's parameter rules
 * read are checked where they are read (format/splice.h, protocol/json_members.h). */
#include "protocol/request_members.h"

#include <stddef.h>
#include <stdio.h>

#include "base/failure.h"
#include "format/json_name.h"
#include "format/splice.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The first ones hold what the model reads, in which U+0000 is a character like any other. */
static const char *const body_names[] = {
    "messages",
    "input",
    "prompt",
    "instructions",
    "tools",
    "metadata",
    /* the model, and others that the provider may choose instead */
    "model",
    "models",
    "route",
    "fallbacks",
    "fallback_models",
    "context_window_fallbacks",
    "content_policy_fallbacks",
    "service_tier",
    "extra_body",
    /* the form of the answer */
    "stream",
    "stream_options",
    /* its length, and the number of answers: see usage/request_bounds.c */
    "max_completion_tokens",
    "max_tokens",
    "max_output_tokens",
    "max_new_tokens",
    "n_predict",
    "num_predict",
    "n",
    "best_of",
    "n_cmpl",
    "num_return_sequences",
    /* what the provider has stored */
    "previous_response_id",
    "conversation",
    /* of the run API */
    "evaluation_run_id",
};
#define CONTENT_NAMES 6

static const char *const stream_options_names[] = {"include_usage"};
static const char *const metadata_names[] = {"run_id"};

struct names {
    const char *const *items;
    size_t count, content; /* the first `content` ones may contain U+0000 */
};

static const struct names of_body = {body_names, COUNT(body_names), CONTENT_NAMES};

/* The objects within a request of which members are read. "extra_body" is a request again for gateways that
 * merge it into the request. */
static const struct {
    const char *name;
    struct names names;
} objects[] = {
    {"stream_options", {stream_options_names, COUNT(stream_options_names), 0}},
    {"metadata", {metadata_names, COUNT(metadata_names), 0}},
    {"extra_body", {body_names, COUNT(body_names), CONTENT_NAMES}},
};

static bool check_value(struct json_value value, const char *name, const char *text, struct failure *why)
{
    if (!json_has_nul(value))
        return true;
    fail(why, FAILURE_BAD_REQUEST, "the value of \"%s\" at byte %zu contains U+0000", name,
         (size_t)(value.at - text));
    snprintf(why->param, sizeof why->param, "%s", name);
    return false;
}

/* Checks one member of an object. `seen` has room for all names. */
static bool check_member(const struct json_member *member, const struct names *names, bool *seen,
                         const char *text, struct failure *why)
{
    enum name_match match;
    size_t index = json_name_find(member->name, names->items, names->count, &match);
    if (match == NAME_OTHER)
        return true;
    if (match != NAME_SAME || seen[index])
        return json_name_refuse(member->name, names->items[index], match, text, why);
    seen[index] = true;
    return index < names->content || check_value(member->value, names->items[index], text, why);
}

/* Checks the object in a member of the request, if it is one of those above. */
static bool check_object(const struct json_member *object, const char *text, struct failure *why)
{
    struct json_value rest = json_members(object->value);
    struct json_member member;
    size_t i = 0;
    while (i < COUNT(objects) && !json_name_is(object->name, objects[i].name))
        i++;
    bool seen[COUNT(body_names)] = {false};
    while (i < COUNT(objects) && json_next_member(&rest, &member))
        if (!check_member(&member, &objects[i].names, seen, text, why))
            return false;
    return true;
}

/* The members of the request have been found already; to search them again would take time in a long prompt.
 */
bool request_members_check(const struct splice *body, struct failure *why)
{
    bool seen[COUNT(body_names)] = {false};
    for (size_t i = 0; i < body->count; i++)
        if (!check_member(&body->members[i].was, &of_body, seen, body->start, why))
            return false;
    for (size_t i = 0; i < body->count; i++)
        if (!check_object(&body->members[i].was, body->start, why))
            return false;
    return true;
}
