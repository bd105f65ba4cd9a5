/* The request to a provider, and the provider that a model's name selects: the steps of a request, without a
 * network. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../kit/files.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "config/provider_key.h"
#include "config/settings.h"
#include "format/splice.h"
#include "kinds.h"
#include "outcome.h"
#include "protocol/model_request.h"
#include "provider/provider.h"
#include "provider/provider_data.h"
#include "routing/target.h"
#include "upstream/upstream.h"

#define SETS_MAX 8

/* One request on its way to a provider. */
struct way {
    struct name_value sets[SETS_MAX];
    size_t set_count;
    struct settings *settings;
    struct arena *arena;
    struct buffer body;
    struct model_request model_request;
    struct target target;
    struct provider_request request;
    struct provider_data data;
    struct failure why;
};

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_of(const cJSON *node)
{
    return cJSON_IsString(node) ? node->valuestring : NULL;
}

/* ---- settings ---- */

static void set(struct way *way, const char *path, const char *value)
{
    if (way->set_count == SETS_MAX)
        give_up("too many settings");
    way->sets[way->set_count++] = (struct name_value){.name = copy_bytes(path, strlen(path)),
                                                      .value = copy_bytes(value, strlen(value))};
}

static void set_provider(struct way *way, const char *name, const char *what, const char *value)
{
    char path[256];
    snprintf(path, sizeof path, "providers.%s.%s", name, what);
    set(way, path, value);
}

static void complain(void *context, const struct failure *why)
{
    (void)context;
    fprintf(stderr, "settings: %s\n", why->message);
}

/* Reads an empty file, so that no settings of the machine count. NULL after any mistake. */
static void read_settings(struct way *way, config_error_handler *tell)
{
    struct text path = {0};
    char *folder = folder_create("corpus");
    text_format(&path, "%s/penstock.conf", folder);
    file_write(path.bytes, "", 0);
    struct settings_source source = {.file = path.bytes, .sets = way->sets, .set_count = way->set_count};
    way->settings = settings_load(&source, tell, NULL);
    folder_remove(folder);
    free(folder);
    text_free(&path);
}

static void load(struct way *way)
{
    read_settings(way, complain);
    if (!way->settings)
        give_up("the settings of a case have mistakes");
    way->arena = arena_create();
    buffer_init(&way->body, 1 << 20);
}

static void leave(struct way *way)
{
    buffer_free(&way->body);
    arena_destroy(way->arena);
    settings_free(way->settings);
    for (size_t i = 0; i < way->set_count; i++) {
        free(way->sets[i].name);
        free(way->sets[i].value);
    }
}

/* ---- requests ---- */

/* The same steps as in exchange.c, from the client's body to the request upstream. */
static bool go(struct way *way, const cJSON *request)
{
    char *text = cJSON_PrintUnformatted(request);
    struct failure *why = &way->why;
    bool good = buffer_append(&way->body, text, strlen(text));
    free(text);
    good = good && model_request_read(&way->model_request, way->arena, &way->body, JSON_DEPTH_MAX, why) &&
           target_choose(way->settings, NULL, way->arena, way->model_request.model, &way->target, why) &&
           model_request_add_members(&way->model_request, way->arena, way->target.parameters,
                                     way->target.parameter_count, why);
    if (!good)
        return false;
    struct provider_ask ask = {.path = "/chat/completions",
                               .model = way->target.model,
                               .body = &way->model_request.body,
                               .completion = true,
                               .stream = way->model_request.stream};
    return provider_prepare(way->target.provider, &ask, way->arena, &way->request, why);
}

static cJSON *body_upstream(const struct way *way)
{
    struct text body = {0};
    for (size_t i = 0; i < way->request.upstream.body_pieces; i++)
        text_append(&body, way->request.upstream.body[i].at, way->request.upstream.body[i].length);
    cJSON *json = cJSON_Parse(text_words(&body));
    text_free(&body);
    return json;
}

static void note(struct outcome *outcome, const char *words)
{
    text_format(&outcome->differs, "%s%s", outcome->differs.length ? " " : "", words);
}

static void note_member(struct outcome *outcome, const char *name, const cJSON *ours)
{
    char *text = ours ? cJSON_PrintUnformatted(ours) : NULL;
    text_format(&outcome->differs, "%s%s=%s", outcome->differs.length ? " " : "", name,
                text ? text : "absent");
    free(text);
}

static void compare_body(struct outcome *outcome, const struct way *way, const cJSON *expected)
{
    const cJSON *item;
    cJSON *body = body_upstream(way);
    cJSON_ArrayForEach(item, member(expected, "upstream"))
    {
        if (!cJSON_Compare(item, member(body, item->string), true))
            note_member(outcome, item->string, member(body, item->string));
    }
    cJSON_ArrayForEach(item, member(expected, "absent"))
    {
        if (member(body, item->valuestring))
            note_member(outcome, item->valuestring, member(body, item->valuestring));
    }
    if (member(expected, "status"))
        note(outcome, "status=none");
    cJSON_Delete(body);
}

/* Members that they merge into every request are, with us, the tail of a model's name. */
static void set_model(struct way *way, const cJSON *config)
{
    const cJSON *extra = member(config, "extra_body");
    struct text name = {0};
    if (!config)
        return;
    text_put(&name, text_of(member(config, "model")) ? text_of(member(config, "model")) : "m");
    if (extra) {
        char *value = cJSON_PrintUnformatted(extra->child);
        text_format(&name, "?%s=%s", extra->child->string, value);
        free(value);
    }
    set(way, "force_model", name.bytes);
    text_free(&name);
}

void check_param_map(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct way way = {0};
    const char *provider = text_of(member(input, "provider"));
    cJSON *request = cJSON_Duplicate(member(input, "request"), true);
    if (!member(request, "model") && !member(input, "config"))
        cJSON_AddStringToObject(request, "model", "m");
    set_provider(&way, provider ? provider : "own", "base_url", "http://127.0.0.1:1/v1");
    set_model(&way, member(input, "config"));
    load(&way);
    if (go(&way, request))
        compare_body(outcome, &way, expected);
    else
        outcome_number(outcome, "status", way.why.status, member(expected, "status"));
    cJSON_Delete(request);
    leave(&way);
}

void check_stream_options(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    check_param_map(outcome, input, expected);
}

/* ---- names ---- */

/* Compares values as texts, because all of theirs are. */
static void compare_parameters(struct outcome *outcome, const struct way *way, const cJSON *expected)
{
    size_t count = (size_t)cJSON_GetArraySize(expected);
    if (expected && count != way->target.parameter_count)
        note(outcome, "params");
    for (size_t i = 0; expected && i < way->target.parameter_count; i++) {
        const struct name_value *ours = &way->target.parameters[i];
        struct json_value value = {ours->value, strlen(ours->value)};
        const char *text = json_kind(value) == JSON_STRING ? json_string(way->arena, value, NULL)
                                                           : ours->value;
        const cJSON *theirs = member(expected, ours->name);
        if (theirs)
            outcome_text(outcome, ours->name, text, theirs);
        else
            note(outcome, ours->name);
    }
}

/* At least two providers, so that none is the default as the only one. */
void check_model_parse(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct way way = {0};
    const char *standard = text_of(member(input, "default_backend"));
    const char *backend = text_of(member(expected, "backend"));
    set_provider(&way, "own", "base_url", "http://127.0.0.1:1/v1");
    set_provider(&way, "other", "base_url", "http://127.0.0.1:1/v1");
    if (backend && *backend)
        set_provider(&way, backend, "base_url", "http://127.0.0.1:1/v1");
    if (standard)
        set(&way, "default_provider", standard);
    load(&way);
    if (target_find(way.settings, way.arena, text_of(member(input, "model")), &way.target, &way.why)) {
        outcome_word(outcome, "backend", way.target.provider->name, member(expected, "backend"));
        outcome_text(outcome, "model", way.target.model, member(expected, "model"));
        compare_parameters(outcome, &way, member(expected, "params"));
    } else {
        outcome_word(outcome, "refused", failure_reason_name(way.why.reason), expected);
    }
    leave(&way);
}

/* ---- keys and lists ---- */

static const char *header_of(const struct way *way, const char *name)
{
    for (size_t i = 0; i < way->request.upstream.header_count; i++)
        if (strcmp(way->request.upstream.headers[i].name, name) == 0)
            return way->request.upstream.headers[i].value;
    return "";
}

/* The headers of the request for a provider's list of models. */
static bool ask_for_list(struct way *way)
{
    struct provider_ask ask = {.path = "/models", .data = &way->data};
    return provider_prepare(&way->settings->providers[0], &ask, way->arena, &way->request, &way->why);
}

static void check_raw_key(struct outcome *outcome, const char *raw, const cJSON *wanted)
{
    struct secret key = {0};
    struct failure why;
    if (provider_key_clean(raw, strlen(raw), &key, &why))
        outcome_text(outcome, "api_key", key.bytes, wanted);
    else
        outcome_word(outcome, "api_key", NULL, wanted);
    secret_wipe(&key);
}

void check_key_sanitize(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct way way = {0};
    const char *raw = text_of(member(input, "raw")), *config = text_of(member(input, "config_api_key"));
    const char *variable = text_of(member(input, "env_NVIDIA_API_KEY"));
    if (raw) {
        check_raw_key(outcome, raw, member(expected, "api_key"));
        return;
    }
    if (variable)
        setenv("NVIDIA_API_KEY", variable, 1);
    set_provider(&way, "nvidia", "api_key", config ? config : "");
    load(&way);
    const struct secret *key = &way.settings->providers[0].api_key;
    outcome_text(outcome, "api_key", key->length ? key->bytes : "", member(expected, "api_key"));
    outcome_bool(outcome, "models_request", ask_for_list(&way), member(expected, "models_request"));
    outcome_text(outcome, "authorization", header_of(&way, "Authorization"),
                 member(expected, "authorization"));
    unsetenv("NVIDIA_API_KEY");
    leave(&way);
}

void check_models_list(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct way way = {0};
    const char *key = text_of(member(input, "key"));
    set_provider(&way, "nvidia", "base_url", text_of(member(input, "api_base_url")));
    set_provider(&way, "nvidia", "api_key", key ? key : "k");
    load(&way);
    if (!ask_for_list(&way))
        give_up("the list is not asked for: %s", way.why.message);
    outcome_text(outcome, "url", way.request.upstream.url, member(expected, "url"));
    outcome_text(outcome, "authorization", header_of(&way, "Authorization"),
                 member(expected, "authorization"));
    leave(&way);
}

/* ---- provider data of a client ---- */

/* {"repeat": ["x", 8192]} stands for a long text. */
static cJSON *expand(const cJSON *value)
{
    const cJSON *repeat = member(value, "repeat");
    struct text text = {0};
    if (!repeat)
        return cJSON_Duplicate(value, true);
    for (int i = 0; i < cJSON_GetArrayItem(repeat, 1)->valueint; i++)
        text_put(&text, text_of(cJSON_GetArrayItem(repeat, 0)));
    cJSON *whole = cJSON_CreateString(text.bytes);
    text_free(&text);
    return whole;
}

static void bring(struct way *way, const cJSON *data)
{
    cJSON *whole = cJSON_CreateObject();
    const cJSON *item;
    cJSON_ArrayForEach(item, data)
    {
        cJSON_AddItemToObject(whole, item->string, expand(item));
    }
    char *text = cJSON_PrintUnformatted(whole);
    if (!provider_data_read(text, &way->settings->providers[0], way->arena, &way->data, &way->why))
        give_up("the data of a case is refused: %s", way->why.message);
    free(text);
    cJSON_Delete(whole);
}

static const char *forwarded(const struct way *way, const char *name)
{
    for (size_t i = 0; i < way->data.header_count; i++)
        if (strcasecmp(way->data.headers[i].name, name) == 0)
            return way->data.headers[i].value;
    return "";
}

static size_t count_headers(const struct way *way, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < way->request.upstream.header_count; i++)
        count += strcasecmp(way->request.upstream.headers[i].name, name) == 0;
    return count;
}

/* Angle brackets around a name say that it must occur once, in any case. */
static void compare_headers(struct outcome *outcome, const struct way *way, const cJSON *expected)
{
    const cJSON *item;
    if (!expected)
        return;
    outcome_bool(outcome, "headers", way->data.header_count == (size_t)cJSON_GetArraySize(expected),
                 &(cJSON){.type = cJSON_True});
    cJSON_ArrayForEach(item, expected)
    {
        cJSON *whole = expand(item);
        const char *name = *item->string == '<' ? "authorization" : item->string;
        outcome_text(outcome, name, forwarded(way, name), whole);
        cJSON_Delete(whole);
    }
}

static void set_forwarded(struct way *way, const cJSON *headers)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, headers)
    {
        char name[128];
        snprintf(name, sizeof name, "forward_headers.%s", item->string);
        set_provider(way, "own", name, text_of(item));
    }
}

void check_forward_headers(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct way way = {0};
    const char *key = text_of(member(input, "api_key"));
    set_provider(&way, "own", "base_url", "http://127.0.0.1:1/v1");
    set_provider(&way, "own", "api_key", key ? key : "");
    set_forwarded(&way, member(input, "forward_headers"));
    load(&way);
    bring(&way, member(input, "provider_data"));
    if (!ask_for_list(&way))
        give_up("the provider is not asked: %s", way.why.message);
    compare_headers(outcome, &way, member(expected, "headers"));
    outcome_number(outcome, "n_authorization", (double)count_headers(&way, "Authorization"),
                   member(expected, "n_authorization"));
    outcome_text(outcome, "authorization", header_of(&way, "Authorization"),
                 member(expected, "authorization"));
    leave(&way);
}

static void keep_quiet(void *context, const struct failure *why)
{
    (void)context;
    (void)why;
}

/* Their error message is their own; we must refuse the same values. */
void check_config_error(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct way way = {0};
    set_provider(&way, "own", "base_url", "http://127.0.0.1:1/v1");
    set_forwarded(&way, member(input, "forward_headers"));
    read_settings(&way, keep_quiet);
    outcome_bool(outcome, "refused", !way.settings, &(cJSON){.type = expected ? cJSON_True : cJSON_False});
    leave(&way);
}

/* "X-LlamaStack-Provider-Data: {...}" */
void check_provider_data(struct outcome *outcome, const cJSON *input, const cJSON *expected)
{
    struct way way = {0};
    const char *line = text_of(member(input, "header")), *value = strchr(line, '{');
    set_provider(&way, "groq", "api_key", text_of(member(input, "config_key")));
    set_provider(&way, "groq", "client_keys", "true");
    load(&way);
    if (!provider_data_read(value, &way.settings->providers[0], way.arena, &way.data, &way.why))
        give_up("the data of a case is refused: %s", way.why.message);
    if (!ask_for_list(&way))
        give_up("the provider is not asked: %s", way.why.message);
    outcome_text(outcome, "key_used", header_of(&way, "Authorization") + strlen("Bearer "),
                 member(expected, "key_used"));
    leave(&way);
}
