/* Rules for providers: preset, address, key, headers and params.
 *
 * A provider without a key is valid: local model servers often need none. `penstock check` warns if the
 * preset needs one. */
#include "config/provider_rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/failure.h"
#include "base/memory.h"
#include "config/config_errors.h"
#include "config/preset.h"
#include "config/provider_key.h"
#include "config/settings_types.h"
#include "config/settings_values.h"
#include "config/text_validate.h"

#define PATH_SIZE 512

struct check {
    struct provider_settings *provider;
    const struct settings_values *values;
    struct config_errors *errors;
};

/* Reports an error of "providers.NAME", or of its member if `member` is not empty. If the member is not set,
 * the error has the origin of the provider, or of the environment if there is no file. */
static void report(const struct check *check, const char *member, const char *reason)
{
    char path[PATH_SIZE], group[PATH_SIZE];
    snprintf(group, sizeof group, "providers.%.200s", check->provider->name);
    snprintf(path, sizeof path, "providers.%.200s%s%s", check->provider->name, *member ? "." : "", member);
    const char *origin = settings_values_origin(check->values, path, NULL);
    if (!origin)
        origin = settings_values_origin(check->values, group, "environment");
    config_error_add(check->errors, origin, path, "%s", reason);
}

static void report_if(const struct check *check, const char *member, const char *error)
{
    if (error)
        report(check, member, error);
}

/* An empty text, such as `proxy = "";`, means none, but libcurl would treat an empty proxy as a setting. */
static void unset_if_empty(char **text)
{
    if (*text && !**text) {
        free(*text);
        *text = NULL;
    }
}

static void unset_empty_texts(struct provider_settings *provider)
{
    unset_if_empty(&provider->preset_name);
    unset_if_empty(&provider->base_url);
    unset_if_empty(&provider->api_key_file);
    unset_if_empty(&provider->api_version);
    unset_if_empty(&provider->proxy);
    unset_if_empty(&provider->ca_file);
}

/* ---- name and preset ---- */

static void list_presets(char *names, size_t size)
{
    const struct preset *preset;
    size_t used = 0;
    for (unsigned i = 0; (preset = preset_at(i)) && used < size; i++)
        used += (size_t)snprintf(names + used, size - used, "%s%s", i ? ", " : "", preset->name);
}

/* A preset that is set must exist. If no preset is set and the name is not that of a preset, the provider is
 * a plain provider. */
static void choose_preset(const struct check *check)
{
    struct provider_settings *provider = check->provider;
    const char *name = provider->preset_name ? provider->preset_name : provider->name;
    provider->preset = preset_find(name);
    if (provider->preset && !provider->preset_name)
        provider->preset_name = memory_copy(name, strlen(name));
    if (provider->preset)
        return;
    provider->preset = preset_plain();
    if (provider->preset_name) {
        char known[PATH_SIZE - 144], reason[PATH_SIZE];
        list_presets(known, sizeof known);
        snprintf(reason, sizeof reason, "no preset \"%.100s\" exists; the presets are %s", name, known);
        report(check, "preset", reason);
    }
}

/* ---- APIs ---- */

/* Reads the names of the preset, which have blanks between them. */
static void take_apis_of_preset(struct provider_settings *provider)
{
    const char *at = provider->preset->speaks ? provider->preset->speaks : "chat";
    while (*at) {
        size_t length = strcspn(at, " ");
        (void)!api_list_add(&provider->apis, at, length);
        at += length + (at[length] == ' ');
    }
}

static void choose_apis(const struct check *check)
{
    struct provider_settings *provider = check->provider;
    char reason[PATH_SIZE];
    for (size_t i = 0; i < provider->speaks.count; i++) {
        const char *name = provider->speaks.items[i];
        if (api_list_add(&provider->apis, name, strlen(name)))
            continue;
        snprintf(reason, sizeof reason,
                 "\"%.60s\" is no API, or stands twice; the APIs are chat, responses, messages and gemini",
                 name);
        report(check, "speaks", reason);
    }
    if (!provider->apis.count)
        take_apis_of_preset(provider);
}

/* ---- addresses ---- */

/* A preset that does not exist has been reported already. */
static void report_missing_url(const struct check *check)
{
    bool plain = check->provider->preset == preset_plain();
    if (!plain)
        report(check, "base_url", "is missing; with this preset each account has its own address");
    else if (!check->provider->preset_name)
        report(check, "base_url",
               "is missing; it is required because no preset has the name of this provider");
}

/* A preset at another address is a self-hosted server of that kind, which may not need a key. */
static void choose_url(const struct check *check)
{
    struct provider_settings *provider = check->provider;
    const char *fixed = provider->preset->base_url;
    provider->key_needed = provider->preset->key_needed && (!provider->base_url || !fixed);
    if (!provider->base_url && !fixed) {
        report_missing_url(check);
        return;
    }
    if (!provider->base_url)
        provider->base_url = memory_copy(fixed, strlen(fixed));
    report_if(check, "base_url", validate_url(provider->base_url));
    for (size_t end = strlen(provider->base_url); end > 0 && provider->base_url[end - 1] == '/'; end--)
        provider->base_url[end - 1] = '\0';
}

/* Checks the file at startup, because libcurl would otherwise fail on each request. */
static void check_ca_file(const struct check *check)
{
    char reason[PATH_SIZE];
    const char *file = check->provider->ca_file;
    if (!file || access(file, R_OK) == 0)
        return;
    snprintf(reason, sizeof reason, "cannot be read: %s", strerror(errno));
    report(check, "ca_file", reason);
}

/* ---- headers and params ---- */

static void report_in(const struct check *check, const char *group, const char *name, const char *error)
{
    char member[PATH_SIZE];
    snprintf(member, sizeof member, "%s%s%.100s", group, *name ? "." : "", name);
    report_if(check, member, error);
}

static void check_headers(const struct check *check)
{
    const struct name_value_list *headers = &check->provider->headers;
    for (size_t i = 0; i < headers->count; i++) {
        const char *error = validate_header_name(headers->items[i].name);
        report_in(check, "headers", headers->items[i].name,
                  error ? error : validate_header_value(headers->items[i].value));
    }
}

/* A client may send the header of the key. Other gateways use names that begin with two underscores for facts
 * that they have verified themselves. */
static const char *validate_forwarding(const char *name, const char *header)
{
    if (strncmp(name, "__", 2) == 0)
        return "clients cannot set a name that begins with __";
    return strcasecmp(header, "Authorization") == 0 ? NULL : validate_header_name(header);
}

static void check_forwarded(const struct check *check)
{
    const struct name_value_list *headers = &check->provider->forward_headers;
    for (size_t i = 0; i < headers->count; i++)
        report_in(check, "forward_headers", headers->items[i].name,
                  validate_forwarding(headers->items[i].name, headers->items[i].value));
}

static void check_members(const struct check *check)
{
    const struct provider_settings *provider = check->provider;
    for (size_t i = 0; i < provider->drop.count; i++)
        report_in(check, "params.drop", "", validate_member(provider->drop.items[i]));
    for (size_t i = 0; i < provider->set.count; i++)
        report_in(check, "params.set", provider->set.items[i].name,
                  validate_member(provider->set.items[i].name));
    for (size_t i = 0; i < provider->rename.count; i++) {
        const char *error = validate_member(provider->rename.items[i].name);
        report_in(check, "params.rename", provider->rename.items[i].name,
                  error ? error : validate_member(provider->rename.items[i].value));
    }
}

/* ---- key ---- */

static void take_key(const struct check *check, const char *member, const char *text, size_t length)
{
    struct secret key = {0};
    struct failure why;
    if (!provider_key_clean(text, length, &key, &why)) {
        report(check, member, why.message);
        return;
    }
    secret_wipe(&check->provider->api_key);
    check->provider->api_key = key;
}

static void take_key_from_file(const struct check *check)
{
    struct failure why;
    if (!provider_key_read(check->provider->api_key_file, &check->provider->api_key, &why))
        report(check, "api_key_file", why.message);
    else
        check->provider->key_origin = "api_key_file";
}

static void take_key_from_environment(const struct check *check)
{
    const char *variable = check->provider->preset->key_variable;
    const char *text = variable ? getenv(variable) : NULL;
    if (!text || !*text)
        return;
    struct failure why;
    if (provider_key_clean(text, strlen(text), &check->provider->api_key, &why)) {
        check->provider->key_origin = variable;
        return;
    }
    char reason[PATH_SIZE];
    snprintf(reason, sizeof reason, "%.200s (in the environment variable %s)", why.message, variable);
    report(check, "api_key", reason);
}

/* A key in the file takes precedence over a key in the environment, unless it is empty. */
static void find_key(const struct check *check)
{
    struct provider_settings *provider = check->provider;
    if (!provider->api_key.length)
        secret_wipe(&provider->api_key);
    if (provider->api_key.length && provider->api_key_file) {
        report(check, "api_key_file", "api_key is set too; remove one of them");
    } else if (provider->api_key.length) {
        provider->key_origin = "api_key";
        take_key(check, "api_key", provider->api_key.bytes, provider->api_key.length);
    } else if (provider->api_key_file) {
        take_key_from_file(check);
    } else {
        take_key_from_environment(check);
    }
}

static void raise_limit(int64_t *limit_ms, int64_t least_ms)
{
    if (*limit_ms && *limit_ms < least_ms)
        *limit_ms = least_ms;
}

void provider_complete(struct provider_settings *provider, const struct settings_values *values,
                       struct config_errors *errors)
{
    struct check check = {.provider = provider, .values = values, .errors = errors};
    unset_empty_texts(provider);
    report_if(&check, "", validate_provider_name(provider->name));
    choose_preset(&check);
    choose_apis(&check);
    choose_url(&check);
    report_if(&check, "proxy", provider->proxy ? validate_proxy(provider->proxy) : NULL);
    check_ca_file(&check);
    check_headers(&check);
    check_forwarded(&check);
    check_members(&check);
    find_key(&check);
    /* models of this preset can be silent that long; a lower limit would cut off good responses */
    raise_limit(&provider->first_byte_ms, provider->preset->silence_ms);
    raise_limit(&provider->idle_ms, provider->preset->silence_ms);
}
