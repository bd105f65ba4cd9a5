/* `penstock models`: lists the models that clients can request, and why providers are not usable.
 *
 * Asks the providers and ignores the cached lists, because the caller wants to know the current state. */
#include "cli/commands.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "base/services.h"
#include "cli/options.h"
#include "cli/tty.h"
#include "config/preset.h"
#include "config/settings.h"
#include "format/json.h"
#include "format/json_write.h"
#include "loop/loop.h"
#include "pages/models.h"
#include "pages/provider_models.h"
#include "provider/provider.h"
#include "upstream/upstream.h"
#include "upstream/upstream_hub.h"

#define REPORT_MAX (64 * 1024 * 1024)

struct report {
    const struct services *services;
    struct arena *arena;
    bool json;
    struct buffer out; /* for --json, which prints at the end */
    bool complete;     /* all output fits into `out` */
    size_t usable;     /* number of usable models */
};

/* The state of one provider. */
struct provider_state {
    const struct provider_settings *provider;
    struct buffer ids; /* the ids that the provider lists, as a JSON array; empty: no list */
    bool usable;
    const char *reason; /* why there is no list or the provider is not usable; NULL: no fault */
    char message[FAILURE_MESSAGE_SIZE];
};

static void complain(void *context, const struct failure *why)
{
    (void)context;
    fprintf(stderr, "%s\n", why->message);
}

/* Some providers fail to list models but answer requests. */
static bool may_answer_requests(const struct failure *why)
{
    return why->source == SOURCE_PROVIDER && why->reason != FAILURE_AUTHENTICATION &&
           why->reason != FAILURE_PERMISSION;
}

static void find_state(const struct report *report, struct provider_state *state)
{
    const struct provider_settings *provider = state->provider;
    struct failure why;
    if (!provider_has_key(provider)) {
        state->usable = false;
        state->reason = "no_key";
        snprintf(state->message, sizeof state->message, "no key: set %s, or api_key_file",
                 provider->preset->key_variable);
    } else if (provider_lists_models(provider) &&
               !provider_models_fetch(report->services, provider, report->arena, &state->ids, &why)) {
        state->usable = may_answer_requests(&why);
        state->reason = failure_reason_name(why.reason);
        snprintf(state->message, sizeof state->message, "%s", why.message);
    }
}

/* ---- models ---- */

static void put_text(struct report *report, const char *text)
{
    report->complete = buffer_append(&report->out, text, strlen(text)) && report->complete;
}

static void put_model(struct report *report, const struct provider_state *state, const char *id, bool first)
{
    const char *usable = models_usable_id(report->services->settings, report->arena, state->provider, id);
    report->usable += state->usable;
    if (!report->json) {
        fputs("    ", stdout);
        tty_print(usable, stdout);
        putchar('\n');
        return;
    }
    put_text(report, first ? "" : ",");
    report->complete = json_quote(&report->out, usable, strlen(usable)) && report->complete;
}

static bool is_configured(const struct provider_settings *provider, const char *id)
{
    for (size_t i = 0; i < provider->models.count; i++)
        if (strcmp(provider->models.items[i], id) == 0)
            return true;
    return false;
}

static void put_models(struct report *report, const struct provider_state *state)
{
    const struct string_list *configured = &state->provider->models;
    struct json_value text = {state->ids.bytes, state->ids.length}, root = {0}, id;
    struct json_fault fault;
    size_t count = 0;
    for (; count < configured->count; count++)
        put_model(report, state, configured->items[count], count == 0);
    if (!text.length || !json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return;
    for (struct json_value rest = json_elements(root); json_next_element(&rest, &id);) {
        const char *model = json_string(report->arena, id, NULL);
        if (model && !is_configured(state->provider, model))
            put_model(report, state, model, count++ == 0);
    }
}

/* ---- providers ---- */

static void put_provider_json(struct report *report, const struct provider_state *state, bool first)
{
    put_text(report, first ? "" : ",");
    struct json_writer writer = json_write_begin(&report->out);
    json_put_string(&writer, "name", state->provider->name);
    json_put_string(&writer, "base_url", state->provider->base_url);
    json_put_bool(&writer, "usable", state->usable);
    json_put_string(&writer, "reason", state->reason);
    json_put_string(&writer, "message", state->reason ? state->message : NULL);
    json_put_name(&writer, "models");
    put_text(report, "[");
    put_models(report, state);
    put_text(report, "]");
    json_write_end(&writer);
    report->complete = report->complete && writer.ok;
}

static void put_provider_text(struct report *report, const struct provider_state *state)
{
    const char *verdict = !state->usable                           ? ": not usable: "
                          : state->reason                          ? ": gives no list: "
                          : provider_lists_models(state->provider) ? ""
                                                                   : ": lists no models";
    printf("%s, %s%s", state->provider->name, state->provider->base_url, verdict);
    tty_print(state->reason ? state->message : "", stdout);
    putchar('\n');
    put_models(report, state);
}

static void put_provider(struct report *report, const struct provider_settings *provider, bool first)
{
    struct provider_state state = {.provider = provider, .usable = true};
    buffer_init(&state.ids, PROVIDER_MODELS_MAX);
    find_state(report, &state);
    if (report->json)
        put_provider_json(report, &state, first);
    else
        put_provider_text(report, &state);
    buffer_free(&state.ids);
}

/* ---- aliases ---- */

static void put_alias_json(struct report *report, const struct alias_settings *alias, bool first)
{
    put_text(report, first ? "" : ",");
    struct json_writer writer = json_write_begin(&report->out);
    json_put_string(&writer, "name", alias->name);
    json_put_name(&writer, "targets");
    for (size_t i = 0; i < alias->targets.count; i++) {
        const char *target = alias->targets.items[i];
        put_text(report, i ? "," : "[");
        report->complete = json_quote(&report->out, target, strlen(target)) && report->complete;
    }
    put_text(report, "]");
    json_write_end(&writer);
    report->complete = report->complete && writer.ok;
}

static void put_alias_text(const struct alias_settings *alias)
{
    printf("%s, an alias of", alias->name);
    for (size_t i = 0; i < alias->targets.count; i++)
        printf("%s %s", i ? "," : "", alias->targets.items[i]);
    putchar('\n');
}

static void put_all(struct report *report)
{
    const struct settings *settings = report->services->settings;
    put_text(report, "{\"providers\":[");
    for (size_t i = 0; i < settings->provider_count; i++)
        put_provider(report, &settings->providers[i], i == 0);
    put_text(report, "],\"aliases\":[");
    for (size_t i = 0; i < settings->alias_count; i++)
        if (report->json)
            put_alias_json(report, &settings->aliases[i], i == 0);
        else
            put_alias_text(&settings->aliases[i]);
    put_text(report, "]}\n");
    if (report->json && report->complete)
        fwrite(report->out.bytes, 1, report->out.length, stdout);
}

/* ---- the command ---- */

static int list(const struct settings *settings, bool json)
{
    upstream_prepare();
    struct loop *loop = loop_create(0); /* nothing runs in tasks here */
    struct upstream_hub *hub = upstream_hub_create();
    upstream_hub_attach(hub, loop, 1);
    struct services services = {.settings = settings, .upstream = upstream_create(hub, loop)};
    struct report report = {.services = &services, .arena = arena_create(), .json = json, .complete = true};
    buffer_init(&report.out, REPORT_MAX);
    put_all(&report);
    buffer_free(&report.out);
    arena_destroy(report.arena);
    upstream_destroy(services.upstream);
    upstream_hub_destroy(hub);
    loop_destroy(loop);
    if (!settings->provider_count)
        fputs("penstock models: no provider is configured\n", stderr);
    return report.usable ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(const struct options *options)
{
    struct settings *settings = settings_load(&options->source, complain, NULL);
    if (!settings)
        return EXIT_FAILURE;
    int status = list(settings, options_has(options, "json"));
    settings_free(settings);
    return status;
}

int command_models(int argc, char **argv)
{
    static const struct option_row rows[] = {{"json", NULL, "print one JSON object"}, {0}};
    static const struct command_syntax syntax = {
        .name = "penstock models",
        .description =
            "Asks every provider for its models and lists them as clients request them, with the models\n"
            "and aliases of the settings. Says why a provider is not usable. Exits with 1 if no model is\n"
            "usable.\n",
        .options = rows,
    };
    return options_run(&syntax, argc, argv, run);
}
