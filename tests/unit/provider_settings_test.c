/* Providers and clients in the settings: presets, addresses, keys, headers and params. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "config/preset.h"
#include "config/settings.h"
#include "settings_kit.h"
#include "unit.h"

#define PLAIN "base_url = \"http://127.0.0.1:1/v1\"; "

static struct settings *load_provider(const char *members)
{
    char text[4096];
    snprintf(text, sizeof text, "providers: { p: { %s }; };", members);
    return kit_load(text, NULL);
}

/* The only error of a provider with these members, without "FILE:LINE: "; "" for any other number of errors.
 */
static const char *error_of(const char *members)
{
    static const char head[] = "DIR/penstock.conf:1: ";
    struct settings *settings = load_provider(members);
    bool one = !settings && kit_errors() == 1 && strncmp(kit_error(0), head, sizeof head - 1) == 0;
    settings_free(settings);
    return one ? kit_error(0) + sizeof head - 1 : "";
}

/* ---- preset and address ---- */

static void a_plain_provider_is_its_address(void)
{
    struct settings *settings = load_provider("base_url = \"HTTPS://Host.example:8443/a/v1//\"; "
                                              "models = [ \"a\", \"b\" ]; proxy = \"\"; ca_file = \"\";");
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    const struct provider_settings *provider = settings_provider(settings, "p", 1);
    CU_ASSERT_STRING_EQUAL(provider->base_url, "HTTPS://Host.example:8443/a/v1");
    CU_ASSERT_PTR_EQUAL(provider->preset, preset_plain());
    CU_ASSERT_FALSE(provider->key_needed);
    CU_ASSERT_PTR_NULL(provider->api_key.bytes);
    CU_ASSERT_PTR_NULL(provider->proxy);
    CU_ASSERT_PTR_NULL(provider->ca_file);
    CU_ASSERT_EQUAL(provider->models.count, 2);
    CU_ASSERT_EQUAL(provider->connect_ms, 10000);
    CU_ASSERT_EQUAL(provider->first_byte_ms, 120000);
    CU_ASSERT_EQUAL(provider->idle_ms, 120000);
    CU_ASSERT_EQUAL(provider->total_ms, 600000);
    CU_ASSERT_STRING_EQUAL(settings->default_provider, "p");
    settings_free(settings);
}

static void a_preset_fills_in_the_rest(void)
{
    struct settings *settings = kit_load(
        "providers: { nvidia: { }; nim: { preset = \"nvidia\"; base_url = "
        "\"http://nim.internal:8000/v1\"; timeout: { connect = 2.5; }; }; };",
        NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    const struct provider_settings *nvidia = settings_provider(settings, "nvidia", 6);
    const struct provider_settings *nim = settings_provider(settings, "nim", 3);
    CU_ASSERT_STRING_EQUAL(nvidia->base_url, "https://integrate.api.nvidia.com/v1");
    CU_ASSERT_TRUE(nvidia->key_needed);
    CU_ASSERT_STRING_EQUAL(nim->base_url, "http://nim.internal:8000/v1");
    CU_ASSERT_PTR_EQUAL(nim->preset, preset_find("nvidia"));
    CU_ASSERT_FALSE(nim->key_needed);
    CU_ASSERT_EQUAL(nim->connect_ms, 2500);
    CU_ASSERT_EQUAL(nim->first_byte_ms, 300000);
    CU_ASSERT_PTR_NULL(settings->default_provider);
    settings_free(settings);
}

/* nvidia: at least 300 s, more if set, and no limit if set to 0. */
static void nvidia_waits_long_for_the_first_byte(void)
{
    static const struct {
        const char *set;
        int64_t first_byte_ms;
    } cases[] = {
        {"providers.nvidia.timeout.first_byte=60", 300000},
        {"providers.nvidia.timeout.first_byte=900", 900000},
        {"providers.nvidia.timeout.first_byte=0", 0},
        {"providers.openai.timeout.first_byte=60", 60000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct settings *settings = kit_load("", cases[i].set);
        CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
        CU_ASSERT_EQUAL(settings->provider_count, 1);
        CU_ASSERT_EQUAL(settings->providers[0].first_byte_ms, cases[i].first_byte_ms);
        bool is_nvidia = strcmp(settings->providers[0].name, "nvidia") == 0;
        CU_ASSERT_EQUAL(settings->providers[0].idle_ms, is_nvidia ? 300000 : 120000);
        settings_free(settings);
    }
}

static void invalid_addresses_are_reported(void)
{
    CU_ASSERT_STRING_EQUAL(
        error_of("preset = \"nvida\"; "),
        "providers.p.preset: no preset \"nvida\" exists; the presets are nvidia, openai, azure-openai, "
        "anthropic, gemini, gemini-native, groq, together, fireworks, mistral, deepseek, xai, openrouter, "
        "cohere, perplexity, cerebras, sambanova, hyperbolic, deepinfra, huggingface, moonshot, zai, "
        "alibaba, ollama, vllm, llamacpp, lmstudio, sglang, tgi");
    CU_ASSERT_STRING_EQUAL(
        error_of("preset = \"azure-openai\";"),
        "providers.p.base_url: is missing; with this preset each account has its own address");
    CU_ASSERT_STRING_EQUAL(error_of("base_url = \"h/v1\";"),
                           "providers.p.base_url: must begin with http:// or https://");
    CU_ASSERT_STRING_EQUAL(
        error_of("base_url = \"http://u:secret@h/v1\";"),
        "providers.p.base_url: must not contain a user or password; set the key with api_key "
        "or api_key_file");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "proxy = \"h:3128\";"),
                           "providers.p.proxy: must begin with http://, https://, socks4://, socks4a://, "
                           "socks5:// or socks5h://");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "ca_file = \"/nowhere/ca.pem\";"),
                           "providers.p.ca_file: cannot be read: No such file or directory");
}

/* ---- keys ---- */

static void assert_key(struct settings *settings, const char *key, const char *origin)
{
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->providers[0].api_key.length, strlen(key));
    CU_ASSERT_STRING_EQUAL(settings->providers[0].api_key.bytes, key);
    CU_ASSERT_STRING_EQUAL(settings->providers[0].key_origin, origin);
    settings_free(settings);
}

static void a_key_in_the_file_takes_precedence(void)
{
    char members[600];
    setenv("NVIDIA_API_KEY", " Bearer from-environment ", 1);
    assert_key(load_provider("preset = \"nvidia\";"), "from-environment", "NVIDIA_API_KEY");
    assert_key(load_provider("preset = \"nvidia\"; api_key = \"\";"), "from-environment", "NVIDIA_API_KEY");
    assert_key(load_provider("preset = \"nvidia\"; api_key = \"  BEARER k\t\";"), "k", "api_key");
    snprintf(members, sizeof members, "preset = \"nvidia\"; api_key_file = \"%s\";",
             kit_write("key", "bearer   in-file\n"));
    assert_key(load_provider(members), "in-file", "api_key_file");
    unsetenv("NVIDIA_API_KEY");
}

static void invalid_keys_are_reported_and_not_shown(void)
{
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "api_key = \"Bearer \";"), "providers.p.api_key: the key is empty");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "api_key = \"sk 1\";"),
                           "providers.p.api_key: the key contains white space");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "api_key = \"sk\\x01\";"),
                           "providers.p.api_key: the key contains a byte that is not printable ASCII");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "api_key = \"\\\"sk\\\"\";"),
                           "providers.p.api_key: the key contains a quotation mark");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "api_key = 12345;"), "providers.p.api_key: must be a string");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "api_key = \"k\"; api_key_file = \"/k\";"),
                           "providers.p.api_key_file: api_key is set too; remove one of them");
    setenv("GROQ_API_KEY", "two words", 1);
    CU_ASSERT_STRING_EQUAL(
        error_of("preset = \"groq\";"),
        "providers.p.api_key: the key contains white space (in the environment variable GROQ_API_KEY)");
    unsetenv("GROQ_API_KEY");
}

static void invalid_key_files_are_reported(void)
{
    char members[600], reason[600];
    snprintf(members, sizeof members, PLAIN "api_key_file = \"%s\";", kit_write("key", "sk-1\n"));
    chmod(kit_path("key"), 0640);
    assert_key(load_provider(members), "sk-1", "api_key_file");
    for (int bit = 1; bit <= 4; bit *= 2) {
        chmod(kit_path("key"), (mode_t)(0600 | bit));
        snprintf(
            reason, sizeof reason,
            "providers.p.api_key_file: other users can access this file (mode 060%d); run chmod o= on it",
            bit);
        CU_ASSERT_STRING_EQUAL(error_of(members), reason);
    }
    kit_write("key", " \n");
    CU_ASSERT_STRING_EQUAL(error_of(members), "providers.p.api_key_file: the key is empty");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "api_key_file = \"/nowhere/key\";"),
                           "providers.p.api_key_file: cannot be read: No such file or directory");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "api_key_file = \"/dev/zero\";"),
                           "providers.p.api_key_file: is not a regular file");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "api_key_file = \"key\";"),
                           "providers.p.api_key_file: must be a string with an absolute path, not \"key\"");
}

static void a_file_with_a_key_is_a_key_file(void)
{
    const char *file = kit_write("open.conf", "providers: { p: { " PLAIN "api_key = \"sk-hidden\"; }; };");
    setenv("PENSTOCK_CONFIG", file, 1);
    chmod(file, 0644);
    CU_ASSERT_PTR_NULL(kit_find());
    CU_ASSERT_STRING_EQUAL(kit_error(0),
                           "DIR/open.conf:1: providers.p.api_key: other users can access the file "
                           "that holds this secret; run chmod o= on it");
    chmod(kit_path("open.conf"), 0640);
    assert_key(kit_find(), "sk-hidden", "api_key");
    kit_write("open.conf", "providers: { p: { " PLAIN "api_key = \"\"; }; };");
    chmod(kit_path("open.conf"), 0644);
    settings_free(kit_find());
    CU_ASSERT_EQUAL(kit_errors(), 0);
    unsetenv("PENSTOCK_CONFIG");
}

/* ---- headers, members ---- */

static void headers_and_members_are_kept(void)
{
    struct settings *settings = load_provider(
        PLAIN "headers: { X-Title = \"blog\"; }; params: { drop = [ \"a\", \"b\" ]; rename: { c = "
              "\"d\"; }; set: { temperature = 0.2; seed = 5000000000L; top = 1.0; flag = true; text = "
              "\"x\\\"\\n\"; deep = { list = ( 1, \"two\", [ 3, 4 ], { } ); }; }; };");
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    const struct provider_settings *provider = &settings->providers[0];
    static const char *const values[] = {"0.2",  "5000000000",   "1.0",
                                         "true", "\"x\\\"\\n\"", "{\"list\":[1,\"two\",[3,4],{}]}"};
    CU_ASSERT_STRING_EQUAL(provider->headers.items[0].name, "X-Title");
    CU_ASSERT_STRING_EQUAL(provider->headers.items[0].value, "blog");
    CU_ASSERT_EQUAL(provider->drop.count, 2);
    CU_ASSERT_STRING_EQUAL(provider->drop.items[1], "b");
    CU_ASSERT_STRING_EQUAL(provider->rename.items[0].name, "c");
    CU_ASSERT_STRING_EQUAL(provider->rename.items[0].value, "d");
    CU_ASSERT_EQUAL_FATAL(provider->set.count, 6);
    for (size_t i = 0; i < 6; i++)
        CU_ASSERT_STRING_EQUAL(provider->set.items[i].value, values[i]);
    settings_free(settings);
}

/* The command line replaces a list, and one member of a map. */
static void the_command_line_replaces_lists(void)
{
    static const char file[] = "providers: { p: { " PLAIN
                               "models = [ \"a\" ]; params: { set: { x = 1; y = 2; }; }; }; };";
    struct settings *settings = kit_load(file, "providers.p.models=b,c");
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->providers[0].models.count, 2);
    CU_ASSERT_STRING_EQUAL(settings->providers[0].models.items[1], "c");
    settings_free(settings);
    settings = kit_load(file, "providers.p.params.set.x={\"z\":null}");
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->providers[0].set.count, 2);
    CU_ASSERT_STRING_EQUAL(settings->providers[0].set.items[0].value, "{\"z\":null}");
    settings_free(settings);
    CU_ASSERT_PTR_NULL(kit_load(file, "providers.p.params.set.x=auto"));
    CU_ASSERT_EQUAL(kit_errors(), 1);
    CU_ASSERT_PTR_NULL(kit_load("", "providers.a:b.base_url=http://h/v1"));
    CU_ASSERT_STRING_EQUAL(kit_error(0), "command line: providers.a:b: a provider's name has up to "
                                         "64 letters, digits, - and _, and starts with a letter");
}

static void invalid_headers_and_members_are_reported(void)
{
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "headers: { Host = \"x\"; };"),
                           "providers.p.headers.Host: this header cannot be set");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "headers: { authorization = \"x\"; };"),
                           "providers.p.headers.authorization: the gateway sets this header itself");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "headers: { X-A = \"a\\r\\nX-B: b\"; };"),
                           "providers.p.headers.X-A: the value contains a control character");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "params: { drop = [ \"model\" ]; };"),
                           "providers.p.params.drop: the gateway sets this member itself");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "params: { rename: { x = \"stream\"; }; };"),
                           "providers.p.params.rename.x: the gateway sets this member itself");
    CU_ASSERT_STRING_EQUAL(error_of(PLAIN "params: { set: { x = 1e999; }; };"),
                           "providers.p.params.set.x: must be a value that JSON can represent");
}

static void clients_have_digests(void)
{
    unsigned char digest[DIGEST_BYTES];
    digest_sha256("sk-blog", 7, digest);
    char hex[DIGEST_HEX + 1], text[256];
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        sprintf(hex + 2 * i, "%02x", digest[i]);
    snprintf(text, sizeof text, "clients: ( { name = \"blog\"; key_sha256 = \"%s\"; } );", hex);
    struct settings *settings = kit_load(text, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->client_count, 1);
    CU_ASSERT_STRING_EQUAL(settings->clients[0].name, "blog");
    CU_ASSERT(digest_equal(settings->clients[0].key_digest, digest));
    settings_free(settings);
}

/* ---- presets without a file ---- */

/* One provider per key; a variable does not create a local server. */
static void keys_in_the_environment_make_providers(void)
{
    setenv("GEMINI_API_KEY", "sk-1", 1);
    setenv("HF_TOKEN", "sk-2", 1);
    setenv("OLLAMA_API_KEY", "sk-3", 1);
    setenv("AZURE_OPENAI_API_KEY", "sk-4", 1);
    struct settings *settings = kit_find();
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->provider_count, 2);
    CU_ASSERT_PTR_NOT_NULL(settings_provider(settings, "gemini", 6));
    CU_ASSERT_PTR_NOT_NULL(settings_provider(settings, "huggingface", 11));
    settings_free(settings);
    unsetenv("GEMINI_API_KEY");
    unsetenv("HF_TOKEN");
    unsetenv("OLLAMA_API_KEY");
    unsetenv("AZURE_OPENAI_API_KEY");
}

/* A member of the client may become the header of the key, but no header of the connection. */
static void forwarded_headers_are_named(void)
{
    struct settings *settings = load_provider(
        PLAIN "forward_headers: { token = \"authorization\"; t = \"X-T\"; };");
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL(settings->providers[0].forward_headers.count, 2);
    CU_ASSERT_FALSE(settings->providers[0].client_keys);
    settings_free(settings);
    CU_ASSERT_PTR_NOT_NULL(strstr(error_of(PLAIN "forward_headers: { token = \"Host\"; };"),
                                  "providers.p.forward_headers.token: "));
    CU_ASSERT_PTR_NOT_NULL(strstr(error_of(PLAIN "forward_headers: { token = \"a b\"; };"),
                                  "providers.p.forward_headers.token: "));
}

/* ---- aliases ---- */

static void aliases_keep_their_order(void)
{
    struct settings *settings = kit_load("providers: { p: { " PLAIN " }; };\n"
                                         "aliases: ( { name = \"fast\"; targets = [ \"p:a\", \"p:b\" ]; }, { "
                                         "name = \"q:x\"; targets = ( \"c\" ); } );",
                                         "force_model=fast");
    CU_ASSERT_PTR_NOT_NULL_FATAL(settings);
    CU_ASSERT_EQUAL_FATAL(settings->alias_count, 2);
    CU_ASSERT_STRING_EQUAL(settings->aliases[0].name, "fast");
    CU_ASSERT_EQUAL(settings->aliases[0].targets.count, 2);
    CU_ASSERT_STRING_EQUAL(settings->aliases[0].targets.items[1], "p:b");
    CU_ASSERT_STRING_EQUAL(settings->aliases[1].name, "q:x");
    CU_ASSERT_STRING_EQUAL(settings->force_model, "fast");
    settings_free(settings);
}

static void invalid_aliases_are_reported(void)
{
    static const struct {
        const char *alias, *error;
    } cases[] = {
        {"targets = [ \"a\" ];", "DIR/penstock.conf:2: aliases.[0].name: is missing"},
        {"name = \"a\";",
         "DIR/penstock.conf:2: aliases.[0].targets: is missing; give it as [ \"PROVIDER:MODEL\" ]"},
        {"name = \"a?b\"; targets = [ \"a\" ];",
         "DIR/penstock.conf:2: aliases.[0].name: must not contain a blank or a question mark"},
        {"name = \"p:a\"; targets = [ \"a\" ];", "DIR/penstock.conf:2: aliases.[0].name: begins with the "
                                                 "name of a provider and a colon, so it would be a model of "
                                                 "that provider"},
        {"name = \"a\"; targets = ( { model = \"a\"; weight = -1; } );",
         "DIR/penstock.conf:2: aliases.[0].targets: the weight of a target must be a whole number from 0 to "
         "1000000, not -1"},
        {"name = \"a\"; targets = ( { model = \"a\"; weight = 1.5; } );",
         "DIR/penstock.conf:2: aliases.[0].targets: the weight of a target must be a whole number from 0 to "
         "1000000, not 1.5"},
        {"name = \"a\"; targets = ( { model = \"a\"; weight = \"3\"; } );",
         "DIR/penstock.conf:2: aliases.[0].targets: the weight of a target must be a whole number from 0 to "
         "1000000, not \"3\""},
        {"name = \"a\"; targets = ( { model = \"a\"; weight = 0; }, { model = \"b\"; weight = 0; } );",
         "DIR/penstock.conf:2: aliases.[0].targets: one of the targets must have a weight above 0"},
        {"name = \"a\"; targets = ( { model = \"a\"; larger = 1; } );",
         "DIR/penstock.conf:2: aliases.[0].targets: \"larger\" of a target must be true or false"},
        {"name = \"a\"; targets = ( { model = \"a\"; wieght = 1; } );",
         "DIR/penstock.conf:2: aliases.[0].targets: a target has no \"wieght\"; its group may contain model, "
         "weight and larger"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text, "providers: { p: { " PLAIN " }; };\naliases: ( { %s } );",
                 cases[i].alias);
        CU_ASSERT_PTR_NULL(kit_load(text, NULL));
        CU_ASSERT_EQUAL(kit_errors(), 1);
        CU_ASSERT_TRUE(kit_has_error(cases[i].error));
    }
    CU_ASSERT_PTR_NULL(kit_load("aliases: ( { name = \"a\"; targets = ( { weight = 3; } ); } );", NULL));
    CU_ASSERT_TRUE(kit_has_error("DIR/penstock.conf:1: aliases.[0].targets: a target needs a model, as in "
                                 "{ model = \"PROVIDER:MODEL\"; }"));
    CU_ASSERT_PTR_NULL(kit_load("aliases: ( { name = \"a\"; targets = [ \"1\", \"2\", \"3\", \"4\", \"5\", "
                                "\"6\", \"7\", \"8\", \"9\", \"10\", \"11\", \"12\", \"13\", \"14\", "
                                "\"15\", \"16\", \"17\" ]; } );",
                                NULL));
    CU_ASSERT_TRUE(
        kit_has_error("DIR/penstock.conf:1: aliases.[0].targets: must not have more than 16 targets"));
    CU_ASSERT_PTR_NULL(kit_load("aliases: ( { name = \"a\"; targets = [ \"x\" ]; },\n"
                                "{ name = \"a\"; targets = [ \"x\" ]; } );",
                                NULL));
    CU_ASSERT_TRUE(kit_has_error("DIR/penstock.conf:2: aliases.[1].name: another alias has this name"));
}

static const struct unit_test tests[] = {
    {"a plain provider is its address", a_plain_provider_is_its_address},
    {"a preset fills in the rest", a_preset_fills_in_the_rest},
    {"nvidia waits long for the first byte", nvidia_waits_long_for_the_first_byte},
    {"invalid addresses are reported", invalid_addresses_are_reported},
    {"a key in the file takes precedence", a_key_in_the_file_takes_precedence},
    {"invalid keys are reported and not shown", invalid_keys_are_reported_and_not_shown},
    {"invalid key files are reported", invalid_key_files_are_reported},
    {"a file with a key is a key file", a_file_with_a_key_is_a_key_file},
    {"headers and members are kept", headers_and_members_are_kept},
    {"the command line replaces lists", the_command_line_replaces_lists},
    {"invalid headers and members are reported", invalid_headers_and_members_are_reported},
    {"clients have digests", clients_have_digests},
    {"keys in the environment make providers", keys_in_the_environment_make_providers},
    {"forwarded headers are named", forwarded_headers_are_named},
    {"aliases keep their order", aliases_keep_their_order},
    {"invalid aliases are reported", invalid_aliases_are_reported},
};

KIT_MAIN("provider settings", tests)
