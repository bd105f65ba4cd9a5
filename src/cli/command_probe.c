/* `penstock probe`: tests a provider with its list of models, a short chat and a short streamed chat.
 *
 * The requests take the same path as those of clients. A failure is printed with its usual causes. Keys are
 * never printed. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/failure.h"
#include "base/services.h"
#include "cli/options.h"
#include "cli/probe.h"
#include "cli/tty.h"
#include "config/preset.h"
#include "config/settings.h"
#include "format/json.h"
#include "loop/loop.h"
#include "pages/provider_models.h"
#include "provider/provider.h"
#include "routing/target.h"
#include "upstream/upstream.h"
#include "upstream/upstream_hub.h"

struct session {
    const struct services *services;
    struct arena *arena;
    struct target target; /* its model is NULL until the model is known */
};

static void complain(void *context, const struct failure *why)
{
    (void)context;
    fprintf(stderr, "%s\n", why->message);
}

/* ---- the settings ---- */

static void print_limit(const char *name, int64_t limit_ms)
{
    if (limit_ms)
        printf("%s %g s", name, (double)limit_ms / 1000);
    else
        printf("%s none", name);
}

static void print_provider(const struct provider_settings *provider)
{
    printf("provider  %s", provider->name);
    if (provider->preset_name)
        printf(", preset %s", provider->preset_name);
    printf("\naddress   %s\n", provider->base_url);
    printf("key       %s%s\n", provider->key_origin ? "from " : "none",
           provider->key_origin ? provider->key_origin : "");
    print_limit("timeouts  connect", provider->connect_ms);
    print_limit(", first byte", provider->first_byte_ms);
    print_limit(", idle", provider->idle_ms);
    print_limit(", total, except for streams,", provider->total_ms);
    putchar('\n');
}

/* ---- failures ---- */

/* Prints the origin of a rejected key, because a wrong origin is the usual cause. */
static void diagnose_key(const struct provider_settings *provider)
{
    const char *variable = provider->preset->key_variable, *origin = provider->key_origin;
    const char *other = variable ? getenv(variable) : NULL;
    if (!origin && provider->key_needed)
        return; /* the failure's message already reports the missing key */
    if (!origin)
        printf("          no key is sent: set %s%sapi_key_file\n", variable ? variable : "",
               variable ? " or " : "");
    else if (variable && strcmp(origin, variable) == 0)
        printf("          the key comes from %s\n", variable);
    else if (other && *other)
        printf("          the key in the file hides %s: providers.%s.%s has precedence over the variable\n",
               variable, provider->name, origin);
    else
        printf("          the key comes from providers.%s.%s\n", provider->name, origin);
}

static void diagnose(const struct session *session, const struct failure *why)
{
    const struct provider_settings *provider = session->target.provider;
    switch (why->reason) {
    case FAILURE_AUTHENTICATION:
    case FAILURE_PERMISSION:
        diagnose_key(provider);
        break;
    case FAILURE_CONNECT:
    case FAILURE_DNS:
        printf("          check that %s is the right address and its server is up%s\n", provider->base_url,
               provider->proxy ? ", and the proxy" : "");
        break;
    case FAILURE_NOT_FOUND:
    case FAILURE_MODEL_NOT_FOUND:
        printf("          `penstock models` lists the models\n");
        break;
    case FAILURE_TIMEOUT:
        printf("          providers.%s.timeout sets the limits\n", provider->name);
        break;
    default:
        break;
    }
}

static void print_failure(const struct session *session, int status, const struct failure *why)
{
    printf("          FAILED: ");
    if (status)
        printf("%d, ", status);
    printf("%s: ", failure_reason_name(why->reason));
    tty_print(why->message, stdout);
    putchar('\n');
    diagnose(session, why);
}

/* ---- models ---- */

/* Counts the ids and sets `first` to the first id. */
static size_t count_ids(const struct session *session, const struct buffer *ids, const char **first)
{
    struct json_value text = {ids->bytes, ids->length}, root, id;
    struct json_fault fault;
    size_t count = 0;
    if (!text.length || !json_check(text, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault))
        return 0;
    for (struct json_value rest = json_elements(root); json_next_element(&rest, &id); count++)
        if (!count)
            *first = json_string(session->arena, id, NULL);
    return count;
}

/* A failure is not fatal, because a provider without a list of models may answer chats. If the command line
 * names no model, the chats use the first model of the settings, else the first model of the list. */
static void probe_models(struct session *session)
{
    const struct provider_settings *provider = session->target.provider;
    const char *first = NULL;
    struct buffer ids;
    struct failure why;
    int64_t started_us = clock_monotonic_us();
    buffer_init(&ids, PROVIDER_MODELS_MAX);
    if (!provider_lists_models(provider)) {
        printf("models    no list\n");
    } else if (provider_models_fetch(session->services, provider, session->arena, &ids, &why)) {
        size_t count = count_ids(session, &ids, &first);
        printf("models    %zu listed, in %" PRId64 " ms\n", count,
               (clock_monotonic_us() - started_us) / 1000);
    } else {
        printf("models\n");
        print_failure(session, why.provider_status, &why);
    }
    buffer_free(&ids);
    if (!session->target.model)
        session->target.model = provider->models.count ? provider->models.items[0] : first;
}

/* ---- chats ---- */

static void print_tokens(const struct token_usage *usage)
{
    if (usage->source == USAGE_PROVIDER)
        printf("          usage %" PRId64 " + %" PRId64 " tokens\n", usage->prompt, usage->completion);
    else
        printf("          no usage in the answer\n");
}

static void print_times(const struct probe *probe)
{
    printf("          ");
    if (probe->connect_us >= 0)
        printf("connected after %" PRId64 " ms, ", probe->connect_us / 1000);
    printf("first byte %" PRId64 " ms, ", probe->first_byte_us / 1000);
    if (probe->frames && probe->first_content_us >= 0)
        printf("first content %" PRId64 " ms, ", probe->first_content_us / 1000);
    printf("total %" PRId64 " ms\n", probe->total_us / 1000);
}

static bool probe_one(struct session *session, bool stream)
{
    struct probe probe;
    bool good = probe_chat(session->services, &session->target, session->arena, stream, &probe);
    printf("%s", stream ? "stream    " : "chat      ");
    printf("%s%s, model ", probe.url ? "POST " : "not sent", probe.url ? probe.url : "");
    tty_print(session->target.model, stdout);
    putchar('\n');
    if (!good) {
        print_failure(session, probe.status, &probe.why);
        return false;
    }
    printf("          ok: %d", probe.status);
    if (stream)
        printf(", %" PRId64 " frames", probe.frames);
    printf(", \"");
    tty_print(probe.text, stdout);
    printf("\"\n");
    print_tokens(&probe.usage);
    print_times(&probe);
    return true;
}

static bool probe_all(struct session *session)
{
    print_provider(session->target.provider);
    probe_models(session);
    if (!session->target.model) {
        printf("chat      not sent: no model is known; name one with `penstock probe %s:MODEL`\n",
               session->target.provider->name);
        return false;
    }
    bool chat = probe_one(session, false), stream = probe_one(session, true);
    return chat && stream;
}

/* ---- the command ---- */

/* Sets the target from `name`, which is a provider or a model as clients request it; NULL: the default
 * provider. */
static bool choose_target(struct session *session, const char *name, struct failure *why)
{
    const struct settings *settings = session->services->settings;
    if (!name)
        name = settings->default_provider;
    if (!name)
        return fail(why, FAILURE_SETTING, "name a provider, or set default_provider");
    session->target.provider = settings_provider(settings, name, strlen(name));
    return session->target.provider || target_find(settings, session->arena, name, &session->target, why);
}

static int probe(const struct settings *settings, const char *name)
{
    upstream_prepare();
    struct loop *loop = loop_create(0); /* nothing runs in tasks here */
    struct upstream_hub *hub = upstream_hub_create();
    upstream_hub_attach(hub, loop, 1);
    struct services services = {.settings = settings, .upstream = upstream_create(hub, loop)};
    struct session session = {.services = &services, .arena = arena_create()};
    struct failure why;
    bool chosen = choose_target(&session, name, &why), good = chosen && probe_all(&session);
    if (!chosen)
        fprintf(stderr, "penstock probe: %s\n", why.message);
    arena_destroy(session.arena);
    upstream_destroy(services.upstream);
    upstream_hub_destroy(hub);
    loop_destroy(loop);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(const struct options *options)
{
    if (options->operand_count > 1)
        return options_refuse(options->syntax, "expected one provider or model");
    struct settings *settings = settings_load(&options->source, complain, NULL);
    if (!settings)
        return EXIT_FAILURE;
    int status = probe(settings, options->operand_count ? options->operands[0] : NULL);
    settings_free(settings);
    return status;
}

int command_probe(int argc, char **argv)
{
    static const struct command_syntax syntax = {
        .name = "penstock probe",
        .operands = "[PROVIDER[:MODEL] | ALIAS]",
        .description =
            "Tests a provider, or the default provider: requests its list of models, a short chat and a\n"
            "short streamed chat, in the same way as for clients. Exits with 1 if a chat fails.\n",
    };
    return options_run(&syntax, argc, argv, run);
}
