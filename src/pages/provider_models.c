/* The list of models of a provider: fetched from it, or cached.
 *
 * A client waits for the lists of all providers, so the time for each provider is short, and a provider that
 * failed is not asked again for a while. A silent provider must not hold all workers: one process fetches,
 * and the others wait for it only as long as a worker is free. */
#include "pages/provider_models.h"

#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/error_log.h"
#include "base/failure.h"
#include "base/services.h"
#include "config/settings.h"
#include "errors/failure_map.h"
#include "format/json.h"
#include "format/json_write.h"
#include "loop/loop.h"
#include "pages/model_cache.h"
#include "provider/provider.h"
#include "upstream/upstream.h"

#define WAIT_MS 10000
#define WAIT_STEP_US 50000 /* between two looks at another process's fetch */
/* How long a worker waits although no other one is free: this, and up to so many steps more. */
#define CROWD_PATIENCE_US 150000
#define CROWD_STEPS 8

/* A list is {"data":[...]}, {"models":[...]} or an array, of objects with an "id" or a "name". */
static struct json_value find_list(struct json_value root)
{
    if (json_kind(root) == JSON_ARRAY)
        return root;
    struct json_value data = json_get(root, "data");
    return json_kind(data) == JSON_ARRAY ? data : json_get(root, "models");
}

static bool extract_ids(struct arena *arena, struct json_value body, struct buffer *ids)
{
    struct json_value root, item;
    struct json_fault fault;
    if (!body.at || !json_check(body, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return false;
    struct json_value list = find_list(root), rest = json_elements(list);
    bool fits = json_kind(list) == JSON_ARRAY && buffer_append(ids, "[", 1);
    while (fits && json_next_element(&rest, &item)) {
        struct json_value id = json_get(item, "id");
        const char *text = json_string(arena, id, NULL),
                   *name = json_string(arena, json_get(item, "name"), NULL);
        if (!text && name) /* Gemini's names are paths */
            text = strncmp(name, "models/", 7) == 0 ? name + 7 : name;
        if (text && *text)
            fits = (ids->length == 1 || buffer_append(ids, ",", 1)) && json_quote(ids, text, strlen(text));
    }
    return fits && buffer_append(ids, "]", 1);
}

static bool wait_for_end(struct upstream *upstream, struct failure *why)
{
    while (!upstream_answer(upstream)->ended)
        if (upstream_wait(upstream, -1, why) == UPSTREAM_FAILED)
            return false;
    return true;
}

/* Writes the ids of the response into `ids`. */
static bool read_response(const struct provider_settings *provider, const struct upstream_answer *answer,
                          struct arena *arena, struct buffer *ids, struct failure *why)
{
    struct json_value body = {answer->body.bytes, answer->body.length};
    if (body.length >= 3 && memcmp(body.at, "\xef\xbb\xbf", 3) == 0) /* a byte order mark */
        body = (struct json_value){body.at + 3, body.length - 3};
    struct provider_answer error = {
        .status = answer->head.status,
        .head = &answer->head,
        .body = body,
        .provider = provider->preset_name ? provider->preset_name : provider->name,
        .secrets = {&provider->api_key, 1},
    };
    if (answer->head.status != 200)
        return failure_map(why, &error);
    return extract_ids(arena, body, ids) ||
           fail(why, FAILURE_BAD_RESPONSE, "the provider's response is not a list of models");
}

bool provider_models_fetch(const struct services *services, const struct provider_settings *provider,
                           struct arena *arena, struct buffer *ids, struct failure *why)
{
    struct upstream *upstream = services->upstream;
    struct provider_ask ask = {.path = "/models"};
    struct provider_request request;
    buffer_consume(ids, ids->length);
    if (!provider_prepare(provider, &ask, arena, &request, why))
        return false;
    request.upstream.limits = (struct upstream_limits){WAIT_MS, WAIT_MS, WAIT_MS, WAIT_MS,
                                                       PROVIDER_MODELS_MAX};
    upstream_start(upstream, &request.upstream);
    bool good = wait_for_end(upstream, why) &&
                read_response(provider, upstream_answer(upstream), arena, ids, why);
    upstream_stop(upstream);
    return good;
}

/* ---- one fetch for all processes ---- */

/* A wait for another process's fetch. */
struct turn {
    const struct services *services;
    int64_t until_us;   /* clock_monotonic_us() */
    int64_t crowded_us; /* since when no other worker has been free; 0: one is */
};

/* True if no other worker can take a request. */
static bool is_crowded(const struct services *services)
{
    if (!services->pool_facts)
        return false;
    struct pool_facts facts = services->pool_facts(services->pool_facts_context);
    return !facts.with_room && facts.workers >= facts.max_workers;
}

/* The workers lose their patience one after the other, so that the first to leave frees enough for the rest.
 */
static int64_t patience_us(void)
{
    return CROWD_PATIENCE_US + getpid() % CROWD_STEPS * WAIT_STEP_US;
}

/* Waits a moment. Returns false if the wait is over: it would last too long, or hold the last worker. */
static bool wait_for_turn(struct turn *turn)
{
    const struct services *services = turn->services;
    int64_t now_us = clock_monotonic_us();
    if (!is_crowded(services))
        turn->crowded_us = 0;
    else if (!turn->crowded_us)
        turn->crowded_us = now_us;
    bool is_patient = !turn->crowded_us || now_us - turn->crowded_us < patience_us();
    if (!is_patient || now_us >= turn->until_us)
        return false;
    (void)loop_wait(services->loop, now_us + WAIT_STEP_US);
    return !(services->stop && *services->stop);
}

static bool read_cache(const struct services *services, const struct provider_settings *provider,
                       struct arena *arena, struct buffer *ids, bool *fresh)
{
    *fresh = false;
    buffer_consume(ids, ids->length);
    return model_cache_read(services->settings->state_dir, provider->name, arena, ids, fresh);
}

/* Another process may have fetched the list while this one got the lock. */
static bool fetch_under_lock(const struct services *services, const struct provider_settings *provider,
                             struct arena *arena, struct buffer *ids)
{
    const char *state_dir = services->settings->state_dir;
    struct failure why;
    bool fresh;
    if (read_cache(services, provider, arena, ids, &fresh) && fresh)
        return true;
    if (model_cache_is_down(state_dir, provider->name, arena))
        return false;
    if (provider_models_fetch(services, provider, arena, ids, &why)) {
        model_cache_write(state_dir, provider->name, arena, ids);
        return true;
    }
    log_warning("no list of models from %s: %s", provider->name, why.message);
    model_cache_mark_down(state_dir, provider->name, arena);
    return false;
}

enum provider_models_state provider_models_read(const struct services *services,
                                                const struct provider_settings *provider, struct arena *arena,
                                                int64_t until_us, struct buffer *ids)
{
    const char *state_dir = services->settings->state_dir;
    struct turn turn = {.services = services, .until_us = until_us};
    int lock = MODEL_CACHE_LOCKED;
    bool fresh, known;
    do {
        known = read_cache(services, provider, arena, ids, &fresh);
        if (known && fresh)
            return MODELS_FRESH;
        if (clock_monotonic_us() >= until_us || model_cache_is_down(state_dir, provider->name, arena))
            break;
        lock = model_cache_lock(state_dir);
    } while (lock == MODEL_CACHE_LOCKED && !known && wait_for_turn(&turn));
    bool fetched = lock != MODEL_CACHE_LOCKED && fetch_under_lock(services, provider, arena, ids);
    model_cache_unlock(lock);
    if (fetched)
        return MODELS_FRESH;
    return read_cache(services, provider, arena, ids, &fresh) ? MODELS_STALE : MODELS_NONE;
}

static bool is_among(const struct string_list *models, const char *model)
{
    for (size_t i = 0; i < models->count; i++)
        if (strcmp(models->items[i], model) == 0)
            return true;
    return false;
}

static bool is_listed(const struct buffer *ids, const char *model)
{
    struct json_value text = {ids->bytes, ids->length}, root, id;
    struct json_fault fault;
    if (!ids->length || !json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return false;
    for (struct json_value rest = json_elements(root); json_next_element(&rest, &id);)
        if (json_name_is(id, model)) /* compares any string, not only names */
            return true;
    return false;
}

bool provider_models_may_have(const struct settings *settings, const struct provider_settings *provider,
                              struct arena *arena, const char *model)
{
    struct buffer ids;
    bool fresh;
    if (!provider->models.count || is_among(&provider->models, model))
        return true;
    buffer_init(&ids, PROVIDER_MODELS_MAX);
    bool may_have = model_cache_read(settings->state_dir, provider->name, arena, &ids, &fresh) &&
                    is_listed(&ids, model);
    buffer_free(&ids);
    return may_have;
}
