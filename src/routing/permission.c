/* Checks what a request asks for besides its model: other models, a service tier, an answer that comes later.
 *
 * A provider may choose another model than "model" names, by members that differ between providers, and in
 * objects such as "extra_body" (LiteLLM), "providerOptions" (Vercel) and the tools of Responses. So all
 * members are searched for names that say so (format/picking_name.h), but for those that hold a prompt or a
 * schema. The models in them are named as the provider names them, which gets them unchanged. */
#include "routing/permission.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/failure.h"
#include "config/settings_types.h"
#include "format/json_name.h"
#include "format/picking_name.h"
#include "format/plain_name.h"
#include "format/splice.h"
#include "ledger/quota.h"
#include "routing/target.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define DEPTH_MAX 8 /* each level reads its text again */
#define REASON_MAX 256

struct search {
    const struct settings *settings;
    const struct client_settings *client;
    struct arena *arena;
    const struct target *target;
    struct failure *why;
    permission_visit *visit; /* NULL: the models are compared with the client's list */
    void *context;
};

/* Fails with forbidden, with the member as `param`. Always returns false. */
PRINTF_LIKE(3, 4)
static bool refuse(const struct search *search, const char *member, const char *format, ...)
{
    char reason[REASON_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    fail(search->why, FAILURE_FORBIDDEN, "the client \"%.60s\" may not use %s", search->client->name, reason);
    if (search->why)
        snprintf(search->why->param, sizeof search->why->param, "%s", member);
    return false;
}

/* ---- names of models ---- */

/* The model may be named as the client would name it in "model", with its provider. */
static bool is_allowed(const struct search *search, const char *model)
{
    const struct provider_settings *provider = search->target->provider;
    size_t prefix = strlen(provider->name);
    if (strncmp(model, provider->name, prefix) == 0 && model[prefix] == ':')
        model += prefix + 1;
    return target_model_allowed(search->settings, search->client, search->arena, provider, model);
}

static bool check_model(const struct search *search, const char *member, struct json_value name)
{
    size_t length;
    const char *model = json_string(search->arena, name, &length);
    if (search->visit)
        return !length || search->visit(search->context, member, model, search->why);
    bool allowed = strlen(model) == length && is_allowed(search, model);
    return !length || allowed || refuse(search, member, "the model \"%.100s\"", model);
}

static bool check_object(const struct search *search, struct json_value object, int depth);

/* True if the object has members of its own by which it names models, as in {"model": ...}. */
static bool is_request(struct json_value object);

/* LiteLLM's lists are {"model": ["fallback", ...]}, or requests of their own. */
static bool check_models(const struct search *search, const char *member, struct json_value value, int depth)
{
    struct json_value rest = json_elements(value), element;
    struct json_member inner;
    if (depth > DEPTH_MAX)
        return refuse(search, member, "\"%.60s\" with lists nested so deeply", member);
    switch (json_kind(value)) {
    case JSON_STRING:
        return check_model(search, member, value);
    case JSON_ARRAY:
        while (json_next_element(&rest, &element))
            if (!check_models(search, member, element, depth + 1))
                return false;
        return true;
    case JSON_OBJECT:
        if (is_request(value))
            return check_object(search, value, depth + 1);
        rest = json_members(value);
        while (json_next_member(&rest, &inner))
            if (!check_models(search, member, inner.value, depth + 1))
                return false;
        return true;
    default: /* as in "allow_fallbacks": true, which names no model */
        return true;
    }
}

/* ---- members ---- */

/* They hold what the model reads, or names of any meaning. */
static const char *const content[] = {
    "messages",    "input",  "prompt",          "instructions", "tools",      "functions",  "metadata",
    "documents",   "query",  "response_format", "text",         "logit_bias", "prediction", "guided_json",
    "json_schema", "schema", "grammar",         "user",         "stop",       "system",
};

static bool is_request(struct json_value object)
{
    static const char *const names[] = {"model", "models", "fallbacks"};
    struct json_value rest = json_members(object);
    struct json_member member;
    enum name_match match;
    while (json_next_member(&rest, &member))
        if (json_name_find(member.name, names, COUNT(names), &match) < COUNT(names))
            return true;
    return false;
}

static bool is_empty(struct json_value value)
{
    struct json_value rest = json_elements(value), element;
    struct json_value members = json_members(value);
    struct json_member member;
    switch (json_kind(value)) {
    case JSON_STRING:
        return value.length == 2;
    case JSON_ARRAY:
        return !json_next_element(&rest, &element);
    case JSON_OBJECT:
        return !json_next_member(&members, &member);
    case JSON_NUMBER:
    case JSON_TRUE:
        return false;
    default:
        return true;
    }
}

/* What a preset, an adapter or an agent stands for, only the provider knows. "engine" within an object, such
 * as a plug-in of OpenRouter, is one that searches or reads files. */
static bool check_picking(const struct search *search, const struct json_member *member, enum picking picking,
                          int depth)
{
    const char *name = json_string(search->arena, member->name, NULL);
    if (depth > 0 && strcmp(name, "engine") == 0)
        return true;
    if (picking == PICKS_MODELS)
        return check_models(search, name, member->value, depth);
    if (search->visit)
        return is_empty(member->value) || search->visit(search->context, name, NULL, search->why);
    return is_empty(member->value) ||
           refuse(search, name, "the member \"%.60s\", by which a provider may choose another model", name);
}

static bool check_member(const struct search *search, const struct json_member *member, int depth)
{
    enum name_match match;
    char plain[PLAIN_NAME_SIZE];
    if (json_name_find(member->name, content, COUNT(content), &match) < COUNT(content))
        return true;
    plain_name_of(member->name, plain);
    enum picking picking = picking_name(plain);
    if (picking != PICKS_NOTHING)
        return check_picking(search, member, picking, depth);
    if (strcmp(plain, "extrabody") == 0)
        return check_object(search, member->value, depth);
    struct json_value rest = json_elements(member->value), element;
    if (json_kind(member->value) == JSON_OBJECT)
        return check_object(search, member->value, depth + 1);
    while (json_next_element(&rest, &element))
        if (json_kind(element) == JSON_OBJECT && !check_object(search, element, depth + 1))
            return false;
    return true;
}

/* OpenRouter's "route" chooses among "models", or among models of its own if there are none. */
static bool check_route(const struct search *search, struct json_value route, struct json_value models)
{
    struct json_value rest = json_elements(models), first;
    enum json_kind kind = json_kind(route);
    bool routes = kind != JSON_NONE && kind != JSON_NULL && kind != JSON_FALSE &&
                  !(kind == JSON_STRING && route.length == 2);
    return !routes || json_next_element(&rest, &first) ||
           refuse(search, "route", "\"route\" without \"models\"");
}

static bool check_object(const struct search *search, struct json_value object, int depth)
{
    struct json_value rest = json_members(object);
    struct json_member member;
    if (depth > DEPTH_MAX)
        return true;
    while (json_next_member(&rest, &member))
        if (!check_member(search, &member, depth))
            return false;
    return true;
}

/* A tool of the provider may have a model of its own, as the generation of images does, and settings in which
 * it is named. The functions of the client have schemas of any meaning. */
static bool check_tool(const struct search *search, struct json_value tool)
{
    static const char *const own[] = {"function", "parameters", "input_schema", "functionDeclarations",
                                      "function_declarations"};
    struct json_value rest = json_members(tool);
    struct json_member member;
    enum name_match match;
    while (json_next_member(&rest, &member))
        if (json_name_find(member.name, own, COUNT(own), &match) == COUNT(own) &&
            !check_member(search, &member, 1))
            return false;
    return true;
}

static bool check_tools(const struct search *search, struct json_value tools)
{
    struct json_value rest = json_elements(tools), tool;
    while (json_next_element(&rest, &tool))
        if (!check_tool(search, tool)) {
            if (search->why)
                snprintf(search->why->param, sizeof search->why->param, "tools");
            return false;
        }
    return true;
}

/* ---- service tiers ---- */

static bool check_tier(const struct search *search, struct json_value tier)
{
    const struct string_list *allowed = &search->client->service_tiers;
    if (!allowed->count || !tier.at || json_kind(tier) == JSON_NULL)
        return true;
    const char *name = json_string(search->arena, tier, NULL);
    for (size_t i = 0; name && i < allowed->count; i++)
        if (strcmp(allowed->items[i], name) == 0)
            return true;
    return refuse(search, "service_tier", "the service tier \"%.60s\"", name ? name : "?");
}

/* ---- answers that come later ---- */

/* "background" is a colour for models that draw. */
static bool is_set(struct json_value value)
{
    static const char *const words[] = {"true", "1", "yes", "on"};
    enum json_kind kind = json_kind(value);
    int64_t number;
    for (size_t i = 0; kind == JSON_STRING && i < COUNT(words); i++)
        if (json_name_match(value, words[i]) != NAME_OTHER)
            return true;
    return kind == JSON_TRUE || (kind == JSON_NUMBER && (!json_integer(value, &number) || number));
}

/* The provider answers at once that it will work on the request, and bills what it has generated later, when
 * the exchange is settled. */
static bool check_later(const struct search *search, const struct json_member *member)
{
    static const char *const names[] = {"background", "deferred", "async", "isasync", "asynchronous"};
    struct json_value rest = json_members(member->value);
    struct json_member inner;
    char plain[PLAIN_NAME_SIZE];
    plain_name_of(member->name, plain);
    if (plain_name_among(plain, names, COUNT(names)) && is_set(member->value))
        return refuse(
            search, json_string(search->arena, member->name, NULL),
            "\"%.60s\": it has a limit, and the cost of an answer that comes later cannot be counted",
            json_string(search->arena, member->name, NULL));
    while (strcmp(plain, "extrabody") == 0 && json_next_member(&rest, &inner))
        if (!check_later(search, &inner))
            return false;
    return true;
}

static bool check_all_later(const struct search *search, const struct splice *body)
{
    const struct client_limits *limits = &search->client->limits;
    if (!quota_limits_money(limits) && !limits->tokens_per_minute)
        return true;
    for (size_t i = 0; i < body->count; i++)
        if (!check_later(search, &body->members[i].was))
            return false;
    return true;
}

/* ---- the request ---- */

static const char *const single[] = {"tools", "route", "models", "service_tier", "extra_body"};
enum { TOOLS, ROUTE, MODELS, TIER, EXTRA, SINGLE };

/* The model of the request itself has been checked by target_choose(), and is replaced. */
static bool check_members(const struct search *search, const struct splice *body)
{
    for (size_t i = 0; i < body->count; i++) {
        const struct json_member *member = &body->members[i].was;
        if (!json_name_is(member->name, "model") && !check_member(search, member, 0))
            return false;
    }
    return true;
}

static void find_single(const struct splice *body, struct json_value values[static SINGLE])
{
    enum name_match match;
    for (size_t i = 0; i < body->count; i++) {
        size_t index = json_name_find(body->members[i].was.name, single, SINGLE, &match);
        if (index < SINGLE)
            values[index] = body->members[i].was.value;
    }
}

/* Gateways that merge "extra_body" into the request read its members as those of the request. */
bool permission_check(const struct settings *settings, const struct client_settings *client,
                      struct arena *arena, const struct target *target, const struct splice *body,
                      struct failure *why)
{
    const struct search search = {
        .settings = settings, .client = client, .arena = arena, .target = target, .why = why};
    struct json_value values[SINGLE] = {0}, extra[SINGLE] = {0};
    if (client && !check_all_later(&search, body))
        return false;
    if (!client || (!client->models.count && !client->service_tiers.count))
        return true;
    find_single(body, values);
    json_pick(values[EXTRA], single, SINGLE, extra);
    if (client->models.count &&
        !(check_members(&search, body) && check_tools(&search, values[TOOLS]) &&
          check_tools(&search, extra[TOOLS]) && check_route(&search, values[ROUTE], values[MODELS]) &&
          check_route(&search, extra[ROUTE], extra[MODELS])))
        return false;
    return check_tier(&search, values[TIER]) && check_tier(&search, extra[TIER]);
}

bool permission_visit_models(struct arena *arena, const struct splice *body, permission_visit *visit,
                             void *context, struct failure *why)
{
    const struct search search = {.arena = arena, .why = why, .visit = visit, .context = context};
    struct json_value values[SINGLE] = {0};
    find_single(body, values);
    return check_members(&search, body) && check_tools(&search, values[TOOLS]);
}

bool permission_check_form(const struct client_settings *client, const char *field, struct failure *why)
{
    if (!client || !client->models.count || !field)
        return true;
    fail(why, FAILURE_FORBIDDEN,
         "the client \"%.60s\" may not use the field \"%s\", by which a provider may choose another model",
         client->name, field);
    if (why)
        snprintf(why->param, sizeof why->param, "%s", field);
    return false;
}
