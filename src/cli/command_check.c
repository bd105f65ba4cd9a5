/* `penstock check`: checks the configuration and prints a summary.
 *
 * The summary or the dump goes to standard output, errors and warnings to standard error. A warning does not
 * change the exit status, because the setting may be intended. */
#include "cli/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failure.h"
#include "cli/options.h"
#include "cli/price_warnings.h"
#include "config/preset.h"
#include "config/redis_address.h"
#include "config/settings_dump.h"
#include "config/settings_env_cli.h"
#include "config/settings_table.h"
#include "config/settings_values.h"
#include "front/front_fastcgi.h"
#include "ledger/ledger_redis.h"
#include "ledger/quota.h"
#include "routing/target.h"
#include "usage/price.h"
#include "usage/price_file.h"

#define PRESET_NAME_SIZE 64

static void print_mistake(void *context, const struct failure *why)
{
    (void)context;
    fprintf(stderr, "%s\n", why->message);
}

/* ---- warnings ---- */

/* An unknown variable is not an error: other programs may use names with the same prefix. */
static void warn_about_environment(void)
{
    for (char **entry = environ; entry && *entry; entry++)
        if (env_is_unknown(*entry))
            fprintf(stderr, "warning: the environment variable %.*s is not a setting\n",
                    (int)strcspn(*entry, "="), *entry);
}

static void warn_about_command_line(const struct settings_source *source)
{
    for (size_t i = 0; i < source->set_count; i++) {
        const struct setting_row *row = setting_row_find(source->sets[i].name);
        if (row && row->type == SETTING_SECRET)
            fprintf(stderr, "warning: %s: all users of this machine can read a command line\n",
                    source->sets[i].name);
    }
}

static void warn_about_old_names(const struct settings *settings)
{
    for (size_t i = 0; i < settings->values->count; i++) {
        const struct settings_value *value = &settings->values->items[i];
        if (value->old_name)
            fprintf(stderr, "warning: %s: %s is deprecated; the setting is now called %s\n", value->origin,
                    value->old_name, value->path);
    }
}

static bool is_loopback(const char *url)
{
    static const char *const hosts[] = {"http://127.", "http://localhost", "http://[::1]", NULL};
    for (const char *const *host = hosts; *host; host++)
        if (strncasecmp(url, *host, strlen(*host)) == 0)
            return true;
    return false;
}

/* Plain HTTP may be safe on the loopback interface, which is checked, or through a proxy, which is not
 * checked. */
static void warn_about_provider(const struct provider_settings *provider)
{
    if (provider->key_needed && !provider->api_key.length)
        fprintf(stderr, "warning: providers.%s: no key: set %s, or api_key_file\n", provider->name,
                provider->preset->key_variable);
    bool plain = strncasecmp(provider->base_url, "http://", 7) == 0 && !is_loopback(provider->base_url);
    if (provider->api_key.length && plain)
        fprintf(stderr, "warning: providers.%s: the key is sent unencrypted to %s\n", provider->name,
                provider->base_url);
}

static void print_warning(void *context, const struct failure *why)
{
    (void)context;
    fprintf(stderr, "warning: %s\n", why->message);
}

/* The service runs without prices: it does not count the cost of models without a price. */
static void warn_about_prices(const char *path)
{
    struct price_file prices;
    if (!*path)
        return;
    if (!price_file_read(&prices, path, print_warning, NULL))
        fprintf(stderr, "warning: prices: cannot read %s: %s\n", path, strerror(errno));
    price_file_free(&prices);
}

/* Most network file systems do not support the ledger's memory map and locks across machines. */
static void warn_about_state_dir(const char *path)
{
    static const long remote[] = {0x6969, 0xff534d42, 0xfe534d42, 0x65735546, 0x00c36400, 0x5346414f};
    struct statfs system;
    if (statfs(path, &system) != 0)
        return;
    for (size_t i = 0; i < sizeof remote / sizeof *remote;
         i++) /* NFS, CIFS, SMB2, FUSE, Ceph, AFS; statfs(2) */
        if ((unsigned long)system.f_type == (unsigned long)remote[i])
            fprintf(stderr,
                    "warning: state_dir: %s is on a network file system, where the ledger is not safe\n",
                    path);
}

/* Redis may be running when the service starts, so an unreachable Redis is only a warning. */
static void warn_about_redis(const struct settings *settings)
{
    struct redis_address address;
    if (!*settings->ledger || redis_address_parse(settings->ledger, &address))
        return;
    struct ledger_redis *redis = ledger_redis_open(&address, &settings->ledger_password);
    if (!ledger_redis_ready(redis))
        fprintf(stderr, "warning: ledger: %s\n", ledger_redis_fault(redis));
    ledger_redis_close(redis);
}

/* Files that a worker needs for itself, and for each request: towards the web server, the provider, a name.
 */
#define FILES_OF_WORKER 64
#define FILES_OF_REQUEST 3

static void warn_about_concurrency(const struct settings *settings)
{
    struct rlimit files;
    long long needed = FILES_OF_WORKER + settings->concurrency * FILES_OF_REQUEST;
    if (settings->concurrency == 1)
        return;
    if (!front_fastcgi_can_wait())
        fprintf(stderr,
                "warning: pool.concurrency: functions of this libfcgi cannot be replaced, so each worker "
                "serves one request at a time\n");
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && (long long)files.rlim_max < needed)
        fprintf(
            stderr,
            "warning: pool.concurrency: a worker needs up to %lld open files, but the limit is %lld: raise "
            "LimitNOFILE of the unit, or ulimit -n\n",
            needed, (long long)files.rlim_max);
}

/* Connections past the kernel's own limit wait in no queue: web servers get an error (listen(2), "NOTES"). */
static void warn_about_backlog(const struct settings *settings)
{
    char digits[32] = "";
    int file = open("/proc/sys/net/core/somaxconn", O_RDONLY | O_CLOEXEC);
    ssize_t length = file >= 0 ? read(file, digits, sizeof digits - 1) : -1;
    if (file >= 0)
        close(file);
    long most = length > 0 ? strtol(digits, NULL, 10) : 0;
    if (most > 0 && settings->socket_backlog > most)
        fprintf(stderr,
                "warning: socket.backlog: the kernel caps %ld at %ld: raise net.core.somaxconn (sysctl)\n",
                (long)settings->socket_backlog, most);
}

/* If a target's prefix is not a configured provider, the whole target is a model of the default provider. */
static void warn_about_target(const struct settings *settings, const struct alias_settings *alias,
                              const char *target)
{
    char name[PRESET_NAME_SIZE];
    size_t prefix = strcspn(target, ":/?");
    if (target_named_provider(settings, target))
        return;
    snprintf(name, sizeof name, "%.*s", (int)prefix, target);
    if (target[prefix] == ':' && prefix < sizeof name && preset_find(name))
        fprintf(stderr, "warning: alias %s: provider %s is not configured, so \"%s\" is a model of %s\n",
                alias->name, name, target,
                settings->default_provider ? settings->default_provider : "no provider");
    else if (!settings->default_provider)
        fprintf(stderr, "warning: alias %s: \"%s\" names no provider, and there is no default_provider\n",
                alias->name, target);
}

static void warn_about_aliases(const struct settings *settings)
{
    for (size_t i = 0; i < settings->alias_count; i++)
        for (size_t k = 0; k < settings->aliases[i].targets.count; k++)
            warn_about_target(settings, &settings->aliases[i], settings->aliases[i].targets.items[k]);
}

/* Settings of retries that cannot all be obeyed. */
static void warn_about_attempts(const struct settings *settings, const struct alias_settings *alias)
{
    const struct retry_settings *retry = &settings->retry;
    long long targets = (long long)alias->targets.count, most = (long long)retry->max_attempts;
    if (targets > most)
        fprintf(stderr,
                "warning: alias %s: %lld targets, but retry.max_attempts = %lld: a request tries each target "
                "once\n",
                alias->name, targets, most);
    else if (targets > 1 && retry->same_target + targets > most &&
             settings_values_find(settings->values, "retry.same_target"))
        fprintf(stderr,
                "warning: alias %s: retry.same_target = %lld leaves no attempt for %lld targets: with "
                "retry.max_attempts = %lld a target is retried %lld times at most\n",
                alias->name, (long long)retry->same_target, targets, most, most - targets);
}

static void warn_about_retries(const struct settings *settings)
{
    const struct retry_settings *retry = &settings->retry;
    for (size_t i = 0; i < settings->alias_count; i++)
        warn_about_attempts(settings, &settings->aliases[i]);
    if (retry->same_target >= retry->max_attempts &&
        settings_values_find(settings->values, "retry.same_target"))
        fprintf(stderr,
                "warning: retry.same_target = %lld, but retry.max_attempts = %lld: a target is retried %lld "
                "times at most\n",
                (long long)retry->same_target, (long long)retry->max_attempts,
                (long long)retry->max_attempts - 1);
    if (retry->budget_ms && retry->max_wait_ms > retry->budget_ms)
        fprintf(stderr, "warning: retry.max_wait is longer than retry.budget: no request waits as long\n");
}

static bool is_set(const char *text)
{
    return text && *text;
}

/* A FastCGI client can send any login, so the socket must not be open to all users. */
static void warn_about_login(const struct settings *settings, const struct client_settings *client)
{
    bool unix_socket = strchr(settings->listen, '/');
    if (!is_set(client->remote_user) && !is_set(client->certificate))
        return;
    if (!unix_socket && !settings->trusted_peers.count)
        fprintf(stderr, "warning: client %s: over TCP, logins are accepted from access.trusted_peers only\n",
                client->name);
    if (unix_socket && (settings->socket_mode & S_IRWXO))
        fprintf(stderr,
                "warning: client %s: with this socket.mode, any user of this machine can pass as its login\n",
                client->name);
}

static void warn_about_clients(const struct settings *settings)
{
    struct prices *prices = prices_of(settings);
    for (size_t i = 0; i < settings->client_count; i++) {
        const struct client_settings *client = &settings->clients[i];
        warn_about_login(settings, client);
        if (client->expires_s && client->expires_s <= clock_wall_us() / 1000000)
            fprintf(stderr, "warning: client %s: expired on %s and is refused\n", client->name,
                    client->expires);
        warn_about_unpriced(settings, prices, client);
    }
    prices_free(prices);
}

static void warn_about_passthrough_of(const struct settings *settings, const struct client_settings *client)
{
    if (!*settings->passthrough)
        fprintf(stderr,
                "warning: client %s: passthrough = true, but the setting passthrough names no provider\n",
                client->name);
    else if (quota_limits_money(&client->limits) || client->limits.tokens_per_minute)
        fprintf(
            stderr,
            "warning: client %s: passthrough = true has no effect, because the client has a limit in USD or "
            "tokens\n",
            client->name);
    else
        fprintf(stderr,
                "warning: client %s: with passthrough = true it can read and delete the files, batches and "
                "stored "
                "responses of all clients of %s%s\n",
                client->name, settings->passthrough,
                client->models.count ? ", and use models that its list does not allow" : "");
}

/* Objects belong to the provider's key, which all clients share. */
static void warn_about_passthrough(const struct settings *settings)
{
    size_t count = 0;
    for (size_t i = 0; i < settings->client_count; i++) {
        if (settings->clients[i].passthrough)
            warn_about_passthrough_of(settings, &settings->clients[i]);
        count += settings->clients[i].passthrough;
    }
    if (*settings->passthrough && !count)
        fputs("warning: passthrough: no client has passthrough = true\n", stderr);
}

static void warn(const struct settings *settings)
{
    warn_about_passthrough(settings);
    warn_about_clients(settings);
    warn_about_aliases(settings);
    warn_about_retries(settings);
    warn_about_prices(settings->prices);
    warn_about_state_dir(settings->state_dir);
    warn_about_redis(settings);
    warn_about_concurrency(settings);
    warn_about_backlog(settings);
    for (size_t i = 0; i < settings->provider_count; i++)
        warn_about_provider(&settings->providers[i]);
    if (!settings->provider_count)
        fprintf(stderr, "warning: no provider is configured: %s\n",
                settings->file ? "add one, as in providers: { nvidia: { }; };"
                               : "there is no file, and no key of a preset is in the environment");
    else if (!settings->default_provider)
        fputs("warning: no default_provider: requests must name PROVIDER:MODEL\n", stderr);
    if (!settings->client_count && !settings->anonymous)
        fputs("warning: no clients, and access.anonymous is false: all requests will be refused\n", stderr);
    if (settings->status_access == STATUS_OPEN)
        fputs("warning: access.status = \"open\": /status and /metrics show the clients' spending without a "
              "key; the web server must "
              "protect them\n",
              stderr);
    if (geteuid() == 0 && !*settings->user)
        fputs("warning: user is not set, which penstock serve needs if root starts it\n", stderr);
}

/* ---- the summary ---- */

static void print_summary(const struct settings *settings)
{
    puts("configuration OK");
    printf("file: %s\n", settings->file ? settings->file : "none");
    printf("listen: %s\n", settings->listen);
    for (size_t i = 0; i < settings->provider_count; i++) {
        const struct provider_settings *provider = &settings->providers[i];
        printf("provider %s: %s, %s%s\n", provider->name, provider->base_url,
               provider->key_origin ? "key from " : "no key",
               provider->key_origin ? provider->key_origin : "");
    }
    printf("default provider: %s\n", settings->default_provider ? settings->default_provider : "none");
    for (size_t i = 0; i < settings->client_count; i++)
        printf("client %s\n", settings->clients[i].name);
    printf("anonymous access: %s\n", settings->anonymous ? "yes" : "no");
    printf("usage log: %s\n", *settings->usage_path ? settings->usage_path : "standard error");
    printf("error log: %s\n", *settings->error_path ? settings->error_path : "standard error");
}

/* ---- the command ---- */

static int check(const struct settings_source *source, bool dump)
{
    struct settings *settings = settings_load(source, print_mistake, NULL);
    if (!settings)
        return EXIT_FAILURE;
    warn_about_environment();
    warn_about_command_line(source);
    warn_about_old_names(settings);
    warn(settings);
    if (dump)
        settings_dump(settings, stdout);
    else
        print_summary(settings);
    settings_free(settings);
    return EXIT_SUCCESS;
}

static int run(const struct options *options)
{
    bool dump = options_has(options, "dump"), defaults = options_has(options, "defaults");
    if (dump && defaults)
        return options_refuse(options->syntax, "--dump and --defaults exclude each other");
    if (!defaults)
        return check(&options->source, dump);
    settings_dump_defaults(stdout);
    return EXIT_SUCCESS;
}

int command_check(int argc, char **argv)
{
    static const struct option_row rows[] = {
        {"dump", NULL, "print the settings in force and where each comes from"},
        {"defaults", NULL, "print every setting with its default and a description"},
        {0},
    };
    static const struct command_syntax syntax = {
        .name = "penstock check",
        .description =
            "Checks the configuration and prints a summary. Mistakes and warnings go to standard error.\n"
            "Exits with 1 if there is a mistake; warnings do not change the exit status.\n",
        .options = rows,
    };
    return options_run(&syntax, argc, argv, run);
}
