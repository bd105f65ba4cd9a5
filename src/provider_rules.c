/* What makes a provider usable: its preset, its address, its key, the headers it may be sent. */
#include "provider_rules.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "assignments.h"
#include "failure.h"
#include "memory.h"
#include "mistakes.h"
#include "preset.h"
#include "provider_key.h"
#include "settings_shape.h"

#define PATH_SIZE 512

/* One provider under inspection. */
struct inspection {
    struct provider_settings *provider;
    const struct assignments *said;
    struct mistakes *mistakes;
};

/* Tells a mistake at "providers.NAME" and, where it is not empty, its `member`. */
static void tell(const struct inspection *of, const char *member, const char *reason)
{
    char path[PATH_SIZE], whole[PATH_SIZE];
    snprintf(whole, sizeof whole, "providers.%.200s", of->provider->name);
    snprintf(path, sizeof path, "providers.%.200s%s%s", of->provider->name, *member ? "." : "", member);
    const char *where = assignment_where(of->said, path, NULL);
    if (!where)
        where = assignment_where(of->said, whole, "environment");
    mistake_add(of->mistakes, where, path, "%s", reason);
}

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
    forget_empty(&provider->proxy);
    forget_empty(&provider->ca_file);
}

/* ---- name and preset ---- */

static void check_name(const struct inspection *of)
{
    for (const char *byte = of->provider->name; *byte; byte++)
        if (!isalnum((unsigned char)*byte) && *byte != '-' && *byte != '_') {
            tell(of, "", "a provider's name is made of letters, digits, - and _");
            return;
        }
}

static void list_presets(char *words, size_t size)
{
    const struct preset *preset;
    size_t used = 0;
    for (unsigned i = 0; (preset = preset_at(i)) && used < size; i++)
        used += (size_t)snprintf(words + used, size - used, "%s%s", i ? ", " : "", preset->name);
}

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
        char known[PATH_SIZE / 2], reason[PATH_SIZE];
        list_presets(known, sizeof known);
        snprintf(reason, sizeof reason, "there is no preset \"%.100s\"; there are: %s", name, known);
        tell(of, "preset", reason);
    }
}

/* ---- addresses ---- */

/* What is wrong with an http(s) address, or NULL. */
static const char *fault_in_url(const char *url)
{
    size_t scheme = strncasecmp(url, "http://", 7) == 0 ? 7 : strncasecmp(url, "https://", 8) == 0 ? 8 : 0;
    if (!scheme)
        return "must begin with http:// or https://";
    const char *host = url + scheme;
    size_t length = strcspn(host, "/");
    if (memchr(host, '@', length))
        return "must not hold a user's name or password; the key belongs into api_key or api_key_file";
    if (length == 0 || *host == ':')
        return "names no host";
    if (strpbrk(url, "?#"))
        return "must not have a query or a fragment";
    for (const char *byte = url; *byte; byte++)
        if ((unsigned char)*byte <= 0x20 || *byte == 0x7f)
            return "has white space in it";
    return NULL;
}

static void check_url(const struct inspection *of)
{
    struct provider_settings *provider = of->provider;
    const char *fixed = provider->preset->base_url;
    provider->key_needed = provider->preset->key_needed && !provider->base_url;
    if (!provider->base_url && !fixed) {
        if (!provider->preset_name || provider->preset != preset_plain())
            tell(of, "base_url", "is missing: no preset has this name, so the address must be given");
        return;
    }
    if (!provider->base_url)
        provider->base_url = memory_copy(fixed, strlen(fixed));
    const char *fault = fault_in_url(provider->base_url);
    if (fault)
        tell(of, "base_url", fault);
    for (size_t end = strlen(provider->base_url); end > 0 && provider->base_url[end - 1] == '/'; end--)
        provider->base_url[end - 1] = '\0';
}

/* ---- key ---- */

static void take_key(const struct inspection *of, const char *member, const char *text, size_t length)
{
    struct secret key = {0};
    struct failure why;
    if (!key_clean(text, length, &key, &why)) {
        tell(of, member, why.message);
        return;
    }
    secret_wipe(&of->provider->api_key);
    of->provider->api_key = key;
}

static void take_key_from_file(const struct inspection *of)
{
    struct failure why;
    if (!key_read(of->provider->api_key_file, &of->provider->api_key, &why))
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
    if (key_clean(text, strlen(text), &of->provider->api_key, &why)) {
        of->provider->key_origin = variable;
        return;
    }
    char reason[PATH_SIZE];
    snprintf(reason, sizeof reason, "%.200s (it comes from the environment's %s)", why.message, variable);
    tell(of, "api_key", reason);
}

/* A key in the file beats the environment's, as it did in the systems this one follows; an empty one does not. */
static void find_key(const struct inspection *of)
{
    struct provider_settings *provider = of->provider;
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

void provider_complete(struct provider_settings *provider, const struct assignments *said,
                       struct mistakes *mistakes)
{
    struct inspection of = {.provider = provider, .said = said, .mistakes = mistakes};
    forget_empties(provider);
    check_name(&of);
    choose_preset(&of);
    check_url(&of);
    find_key(&of);
    if (provider->first_byte_ms && provider->first_byte_ms < provider->preset->first_byte_ms)
        provider->first_byte_ms = provider->preset->first_byte_ms;
}
