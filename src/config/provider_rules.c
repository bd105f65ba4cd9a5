/* What makes a provider usable: its preset, its address, its key, the headers it may be sent.
 *
 * A provider without a key is no mistake: a model server of one's own often needs none, and one that does
 * says so with a 401. `penstock check` warns where a preset is known to need one. */
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

/* One provider under inspection. */
struct inspection {
    struct provider_settings *provider;
    const struct settings_values *said;
    struct config_errors *mistakes;
};

/* Tells a mistake at "providers.NAME" and, where it is not empty, its `member`. What nobody said has no place
 * of its own; the provider's is given then, and without a file all comes from the environment. */
static void tell(const struct inspection *of, const char *member, const char *reason)
{
    char path[PATH_SIZE], whole[PATH_SIZE];
    snprintf(whole, sizeof whole, "providers.%.200s", of->provider->name);
    snprintf(path, sizeof path, "providers.%.200s%s%s", of->provider->name, *member ? "." : "", member);
    const char *where = settings_values_origin(of->said, path, NULL);
    if (!where)
        where = settings_values_origin(of->said, whole, "environment");
    config_error_add(of->mistakes, where, path, "%s", reason);
}

/* Tells `fault`, if there is one. */
static void tell_fault(const struct inspection *of, const char *member, const char *fault)
{
    if (fault)
        tell(of, member, fault);
}

/* `proxy = "";` in a file means none, and libcurl would take an empty proxy for an order. */
static void forget_empty(char **text)
{
    if (*text && !**text) {
        free(*text);
        *text = NULL;
    }
}

static void forget_empties(struct provider_settings *provider)
{
    forget_empty(&provider->preset_name);
    forget_empty(&provider->base_url);
    forget_empty(&provider->api_key_file);
    forget_empty(&provider->api_version);
    forget_empty(&provider->proxy);
    forget_empty(&provider->ca_file);
}

/* ---- name and preset ---- */

static void list_presets(char *words, size_t size)
{
    const struct preset *preset;
    size_t used = 0;
    for (unsigned i = 0; (preset = preset_at(i)) && used < size; i++)
        used += (size_t)snprintf(words + used, size - used, "%s%s", i ? ", " : "", preset->name);
}

/* A preset that is asked for must be there; a name that happens to be none makes a plain provider. */
static void choose_preset(const struct inspection *of)
{
    struct provider_settings *provider = of->provider;
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
        snprintf(reason, sizeof reason, "there is no preset \"%.100s\"; there are: %s", name, known);
        tell(of, "preset", reason);
    }
}

/* ---- addresses ---- */

/* A preset that is not there has been told already. */
static void tell_missing_url(const struct inspection *of)
{
    bool plain = of->provider->preset == preset_plain();
    if (!plain)
        tell(of, "base_url", "is missing: with this preset each user has an own address");
    else if (!of->provider->preset_name)
        tell(of, "base_url", "is missing: no preset has this name, so the address must be given");
}

/* A preset at another address is somebody's own server of that kind, which may not want a key. */
static void choose_url(const struct inspection *of)
{
    struct provider_settings *provider = of->provider;
    const char *fixed = provider->preset->base_url;
    provider->key_needed = provider->preset->key_needed && (!provider->base_url || !fixed);
    if (!provider->base_url && !fixed) {
        tell_missing_url(of);
        return;
    }
    if (!provider->base_url)
        provider->base_url = memory_copy(fixed, strlen(fixed));
    tell_fault(of, "base_url", validate_url(provider->base_url));
    for (size_t end = strlen(provider->base_url); end > 0 && provider->base_url[end - 1] == '/'; end--)
        provider->base_url[end - 1] = '\0';
}

/* libcurl would say so at the first request only, and each time. */
static void check_ca_file(const struct inspection *of)
{
    char reason[PATH_SIZE];
    const char *file = of->provider->ca_file;
    if (!file || access(file, R_OK) == 0)
        return;
    snprintf(reason, sizeof reason, "cannot be read: %s", strerror(errno));
    tell(of, "ca_file", reason);
}

/* ---- what a request may be given ---- */

static void tell_in(const struct inspection *of, const char *group, const char *name, const char *fault)
{
    char member[PATH_SIZE];
    snprintf(member, sizeof member, "%s%s%.100s", group, *name ? "." : "", name);
    tell_fault(of, member, fault);
}

static void check_headers(const struct inspection *of)
{
    const struct name_value_list *headers = &of->provider->headers;
    for (size_t i = 0; i < headers->count; i++) {
        const char *fault = validate_header_name(headers->items[i].name);
        tell_in(of, "headers", headers->items[i].name,
                fault ? fault : validate_header_value(headers->items[i].value));
    }
}

/* The key's own header may be a client's to give; names with two underscores in front are those by which
 * other gateways know what they have found out themselves. */
static const char *forwarding_fault(const char *name, const char *header)
{
    if (strncmp(name, "__", 2) == 0)
        return "a name that begins with __ is not a client's to give";
    return strcasecmp(header, "Authorization") == 0 ? NULL : validate_header_name(header);
}

static void check_forwarded(const struct inspection *of)
{
    const struct name_value_list *headers = &of->provider->forward_headers;
    for (size_t i = 0; i < headers->count; i++)
        tell_in(of, "forward_headers", headers->items[i].name,
                forwarding_fault(headers->items[i].name, headers->items[i].value));
}

static void check_members(const struct inspection *of)
{
    const struct provider_settings *provider = of->provider;
    for (size_t i = 0; i < provider->drop.count; i++)
        tell_in(of, "params.drop", "", validate_member(provider->drop.items[i]));
    for (size_t i = 0; i < provider->set.count; i++)
        tell_in(of, "params.set", provider->set.items[i].name, validate_member(provider->set.items[i].name));
    for (size_t i = 0; i < provider->rename.count; i++) {
        const char *fault = validate_member(provider->rename.items[i].name);
        tell_in(of, "params.rename", provider->rename.items[i].name,
                fault ? fault : validate_member(provider->rename.items[i].value));
    }
}

/* ---- key ---- */

/* The raw text is kept until here, so that it is wiped as what it is: a key. */
static void take_key(const struct inspection *of, const char *member, const char *text, size_t length)
{
    struct secret key = {0};
    struct failure why;
    if (!provider_key_clean(text, length, &key, &why)) {
        tell(of, member, why.message);
        return;
    }
    secret_wipe(&of->provider->api_key);
    of->provider->api_key = key;
}

static void take_key_from_file(const struct inspection *of)
{
    struct failure why;
    if (!provider_key_read(of->provider->api_key_file, &of->provider->api_key, &why))
        tell(of, "api_key_file", why.message);
    else
        of->provider->key_origin = "api_key_file";
}

static void take_key_from_environment(const struct inspection *of)
{
    const char *variable = of->provider->preset->key_variable;
    const char *text = variable ? getenv(variable) : NULL;
    if (!text || !*text)
        return;
    struct failure why;
    if (provider_key_clean(text, strlen(text), &of->provider->api_key, &why)) {
        of->provider->key_origin = variable;
        return;
    }
    char reason[PATH_SIZE];
    snprintf(reason, sizeof reason, "%.200s (it comes from the environment's %s)", why.message, variable);
    tell(of, "api_key", reason);
}

/* A key in the file beats the environment's, as it did in the systems this one follows; an empty one does
 * not. */
static void find_key(const struct inspection *of)
{
    struct provider_settings *provider = of->provider;
    if (!provider->api_key.length)
        secret_wipe(&provider->api_key);
    if (provider->api_key.length && provider->api_key_file) {
        tell(of, "api_key_file", "api_key is given too; only one of them can count");
    } else if (provider->api_key.length) {
        provider->key_origin = "api_key";
        take_key(of, "api_key", provider->api_key.bytes, provider->api_key.length);
    } else if (provider->api_key_file) {
        take_key_from_file(of);
    } else {
        take_key_from_environment(of);
    }
}

void provider_complete(struct provider_settings *provider, const struct settings_values *said,
                       struct config_errors *mistakes)
{
    struct inspection of = {.provider = provider, .said = said, .mistakes = mistakes};
    forget_empties(provider);
    tell_fault(&of, "", validate_provider_name(provider->name));
    choose_preset(&of);
    choose_url(&of);
    tell_fault(&of, "proxy", provider->proxy ? validate_proxy(provider->proxy) : NULL);
    check_ca_file(&of);
    check_headers(&of);
    check_forwarded(&of);
    check_members(&of);
    find_key(&of);
    /* the preset knows how long such models are silent at times; a lower limit would only cut good answers */
    if (provider->first_byte_ms && provider->first_byte_ms < provider->preset->first_byte_ms)
        provider->first_byte_ms = provider->preset->first_byte_ms;
}
