/* The models that may be asked for: what the settings name and what the providers list. */
#include "models.h"

#include <string.h>

#include "arena.h"
#include "buffer.h"
#include "failure.h"
#include "gateway.h"
#include "json.h"
#include "json_write.h"
#include "log.h"
#include "model_cache.h"
#include "provider.h"
#include "settings.h"
#include "upstream.h"

#define LIST_MAX (4 * 1024 * 1024)
#define LIST_WAIT_MS 10000 /* somebody waits for the list: a slow provider must not keep it from them */

struct catalogue {
    const struct gateway *gateway;
    struct arena *arena;
    const char *only; /* the id that is looked for; NULL: all */
    struct buffer *out;
    size_t count;
};

/* A model is asked for by its bare id only at the default provider, and only if that id does not read as
 * PROVIDER:MODEL. */
static const char *usable_id(const struct catalogue *catalogue, const struct provider_settings *provider,
                             const char *id)
{
    const struct settings *settings = catalogue->gateway->settings;
    size_t prefix = strcspn(id, ":/");
    bool ambiguous = id[prefix] == ':' && settings_provider(settings, id, prefix);
    bool bare = settings->default_provider && strcmp(settings->default_provider, provider->name) == 0;
    if (bare && !ambiguous)
        return id;
    return arena_format(catalogue->arena, "%s:%s", provider->name, id);
}

/* The model object of the API reference; when it was made nobody says. */
static void put_model(struct catalogue *catalogue, const struct provider_settings *provider, const char *id)
{
    const char *usable = usable_id(catalogue, provider, id);
    if (catalogue->only && strcmp(catalogue->only, usable) != 0)
        return;
    if (catalogue->only && catalogue->count)
        return;
    if (catalogue->count && !buffer_append(catalogue->out, ",", 1))
        return;
    struct json_writer writer = json_write_begin(catalogue->out);
    json_put_string(&writer, "id", usable);
    json_put_string(&writer, "object", "model");
    json_put_count(&writer, "created", 0);
    json_put_string(&writer, "owned_by", provider->name);
    json_write_end(&writer);
    catalogue->count++;
}

static bool is_static(const struct provider_settings *provider, const char *id)
{
    for (size_t i = 0; i < provider->models.count; i++)
        if (strcmp(provider->models.items[i], id) == 0)
            return true;
    return false;
}

/* Lists come as {"data":[...]}, {"models":[...]} or bare, of objects with an id or a name. */
static struct json_value find_list(struct json_value root)
{
    if (json_kind(root) == '[')
        return root;
    struct json_value data = json_get(root, "data");
    return json_kind(data) == '[' ? data : json_get(root, "models");
}

static bool extract_ids(struct arena *arena, struct json_value body, struct buffer *ids)
{
    struct json_value root, item;
    struct json_fault fault;
    if (!body.at || !json_check(body, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return false;
    struct json_value list = find_list(root), rest = json_elements(list);
    bool whole = json_kind(list) == '[' && buffer_append(ids, "[", 1);
    while (whole && json_next_element(&rest, &item)) {
        struct json_value id = json_get(item, "id");
        const char *text = json_string(arena, json_kind(id) == '"' ? id : json_get(item, "name"), NULL);
        if (text && *text)
            whole = (ids->length == 1 || buffer_append(ids, ",", 1)) && json_quote(ids, text, strlen(text));
    }
    return whole && buffer_append(ids, "]", 1);
}

static bool wait_for_end(struct upstream *upstream, struct failure *why)
{
    while (!upstream_answer(upstream)->ended)
        if (upstream_wait(upstream, NULL, 0, -1, why) == UPSTREAM_FAILED)
            return false;
    return true;
}

/* Asks the provider; its ids as a JSON array. */
static bool fetch_ids(struct catalogue *catalogue, const struct provider_settings *provider,
                      struct buffer *ids)
{
    struct upstream *upstream = catalogue->gateway->upstream;
    struct provider_ask ask = {.path = "/models"};
    struct upstream_request request;
    struct failure why;
    bool usage_asked;
    if (!provider_prepare(provider, &ask, catalogue->arena, &request, &usage_asked, &why))
        return false;
    request.limits = (struct upstream_limits){LIST_WAIT_MS, LIST_WAIT_MS, LIST_WAIT_MS, LIST_WAIT_MS,
                                              LIST_MAX};
    upstream_start(upstream, &request);
    bool good = wait_for_end(upstream, &why);
    const struct upstream_answer *answer = upstream_answer(upstream);
    if (!good)
        log_warning("no list of models from %s: %s", provider->name, why.message);
    else if (answer->status != 200)
        log_warning("no list of models from %s: it answers %d", provider->name, answer->status);
    struct json_value body = {answer->body.bytes, answer->body.length};
    good = good && answer->status == 200 && extract_ids(catalogue->arena, body, ids);
    upstream_stop(upstream);
    return good;
}

static bool known_ids(struct catalogue *catalogue, const struct provider_settings *provider,
                      struct buffer *ids)
{
    const char *state_dir = catalogue->gateway->settings->state_dir;
    if (model_cache_read(state_dir, provider->name, catalogue->arena, ids))
        return true;
    buffer_consume(ids, ids->length);
    if (!fetch_ids(catalogue, provider, ids))
        return false;
    model_cache_write(state_dir, provider->name, catalogue->arena, ids);
    return true;
}

static void put_listed(struct catalogue *catalogue, const struct provider_settings *provider)
{
    struct buffer ids;
    struct json_value root, id;
    struct json_fault fault;
    buffer_init(&ids, LIST_MAX);
    if (known_ids(catalogue, provider, &ids) && json_check((struct json_value){ids.bytes, ids.length},
                                                           JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault)) {
        struct json_value rest = json_elements(root);
        while (json_next_element(&rest, &id)) {
            const char *text = json_string(catalogue->arena, id, NULL);
            if (text && !is_static(provider, text))
                put_model(catalogue, provider, text);
        }
    }
    buffer_free(&ids);
}

/* Without a key nobody is asked: what the settings name is all that there is. */
static void put_provider(struct catalogue *catalogue, const struct provider_settings *provider)
{
    for (size_t i = 0; i < provider->models.count; i++)
        put_model(catalogue, provider, provider->models.items[i]);
    if (provider_has_key(provider))
        put_listed(catalogue, provider);
}

static void put_all(struct catalogue *catalogue)
{
    const struct settings *settings = catalogue->gateway->settings;
    for (size_t i = 0; i < settings->provider_count; i++)
        put_provider(catalogue, &settings->providers[i]);
}

void models_list(const struct gateway *gateway, struct arena *arena, struct buffer *list)
{
    static const char head[] = "{\"object\":\"list\",\"data\":[";
    struct catalogue catalogue = {.gateway = gateway, .arena = arena, .out = list};
    bool whole = buffer_append(list, head, sizeof head - 1);
    put_all(&catalogue);
    if (!whole || !buffer_append(list, "]}", 2))
        log_error("the list of models is too long to be sent");
}

bool models_one(const struct gateway *gateway, struct arena *arena, const char *id, struct buffer *object,
                struct failure *why)
{
    struct catalogue catalogue = {.gateway = gateway, .arena = arena, .out = object, .only = id};
    put_all(&catalogue);
    if (catalogue.count)
        return true;
    fail(why, FAILURE_MODEL_NOT_FOUND,
         "there is no model \"%.100s\"; GET /v1/models lists those that may be asked for", id);
    why->source = SOURCE_GATEWAY;
    return false;
}
