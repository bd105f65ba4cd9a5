/* How a request reaches each kind of provider: its address, its header lines, its bytes. */
#include "provider/provider.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/failure.h"
#include "config/preset.h"
#include "config/settings_types.h"
#include "format/splice.h"
#include "unit.h"
#include "upstream/upstream.h"

static struct arena *arena;
static struct provider_request request;
static struct failure why;

static struct provider_settings provider_of(const struct preset *preset)
{
    const char *base = preset->base_url ? preset->base_url : "https://mine.example";
    return (struct provider_settings){
        .name = (char *)preset->name,
        .base_url = (char *)base,
        .preset = preset,
        .api_key = {.bytes = (char *)"sk-1", .length = 4},
    };
}

/* The body as it goes upstream, NULL when it does not. */
static const char *put(const struct provider_settings *provider, const char *path, const char *model,
                       const char *text, bool completion)
{
    struct splice body;
    struct json_value whole = {text, strlen(text)};
    CU_ASSERT_TRUE_FATAL(splice_open(&body, arena, whole, 64, &why));
    struct provider_ask ask = {.path = path, .model = model, .body = &body, .completion = completion};
    return provider_prepare(provider, &ask, arena, &request, &why) ? splice_join(&body).at : NULL;
}

static const char *put_chat(const struct provider_settings *provider, const char *text)
{
    return put(provider, "/chat/completions", "m", text, true);
}

static const char *header(const char *name)
{
    const char *found = NULL;
    for (size_t i = 0; i < request.upstream.header_count; i++)
        if (strcasecmp(request.upstream.headers[i].name, name) == 0) {
            CU_ASSERT_PTR_NULL(found); /* no name twice */
            found = request.upstream.headers[i].value;
        }
    return found ? found : "";
}

/* What no rule names reaches every provider byte for byte. */
static void unknown_members_stay_as_they_are(void)
{
    static const char text[] =
        " {\"model\" : \"m\",\"messages\":[{\"role\":\"user\",\"content\":\"\\u00e9 \\/ e\"}],"
        "\"temperature\":1.0, \"top_k\":9007199254740993,\"x-own\":{\"a\":[1e2,-0],\"a\":{}},"
        "\"max_tokens\":5,\"tools\":[],\"response_format\":null,\"stop\":[\"\"] }\n";
    const struct preset *preset;
    for (unsigned i = 0; (preset = preset_at(i)); i++) {
        arena = arena_create();
        struct provider_settings provider = provider_of(preset);
        const char *heard = put_chat(&provider, text);
        CU_ASSERT_PTR_NOT_NULL_FATAL(heard);
        CU_ASSERT_STRING_EQUAL(heard, text);
        arena_destroy(arena);
    }
}

static void each_provider_gets_its_key_its_own_way(void)
{
    const struct preset *preset;
    for (unsigned i = 0; (preset = preset_at(i)); i++) {
        arena = arena_create();
        struct provider_settings provider = provider_of(preset);
        bool azure = strcmp(preset->name, "azure-openai") == 0,
             anthropic = strcmp(preset->name, "anthropic") == 0,
             gemini = strcmp(preset->name, "gemini-native") == 0;
        CU_ASSERT_PTR_NOT_NULL(put_chat(&provider, "{\"model\":\"m\"}"));
        CU_ASSERT_STRING_EQUAL(header("Authorization"), azure || gemini ? "" : "Bearer sk-1");
        CU_ASSERT_STRING_EQUAL(header("x-goog-api-key"), gemini ? "sk-1" : "");
        CU_ASSERT_STRING_EQUAL(header("api-key"), azure ? "sk-1" : "");
        CU_ASSERT_STRING_EQUAL(header("anthropic-version"), anthropic ? "2023-06-01" : "");
        struct provider_ask list = {.path = "/models"};
        CU_ASSERT_TRUE(provider_prepare(&provider, &list, arena, &request, &why));
        CU_ASSERT_STRING_EQUAL(header("x-api-key"), anthropic ? "sk-1" : "");
        CU_ASSERT_EQUAL(request.upstream.body_pieces, 0);
        arena_destroy(arena);
    }
}

static void the_file_overrides_the_preset(void)
{
    static struct name_value lines[] = {{(char *)"Anthropic-Version", (char *)"2030-01-01"}};
    struct provider_settings provider = provider_of(preset_find("anthropic"));
    provider.headers = (struct name_value_list){1, lines};
    provider.auth = AUTH_API_KEY;
    arena = arena_create();
    CU_ASSERT_PTR_NOT_NULL(put_chat(&provider, "{\"model\":\"m\"}"));
    CU_ASSERT_STRING_EQUAL(header("anthropic-version"), "2030-01-01");
    CU_ASSERT_STRING_EQUAL(header("api-key"), "sk-1");
    CU_ASSERT_STRING_EQUAL(header("Authorization"), "");
    provider.auth = AUTH_NONE;
    CU_ASSERT_PTR_NOT_NULL(put_chat(&provider, "{\"model\":\"m\"}"));
    CU_ASSERT_STRING_EQUAL(header("api-key"), "");
    arena_destroy(arena);
}

static void azure_has_deployments_in_its_path(void)
{
    static const struct {
        const char *base, *version, *path, *model, *url;
    } cases[] = {
        {"https://r.example", NULL, "/chat/completions", "a b/c",
         "https://r.example/openai/deployments/a%20b%2Fc/chat/completions?api-version=2024-10-21"},
        {"https://r.example/openai", "v&1", "/embeddings", "m",
         "https://r.example/openai/deployments/m/embeddings?api-version=v%261"},
        {"https://r.example/openai/deployments/d", NULL, "/chat/completions", "m",
         "https://r.example/openai/deployments/d/chat/completions?api-version=2024-10-21"},
        {"https://r.example", NULL, "/responses", "m",
         "https://r.example/openai/responses?api-version=2024-10-21"},
        {"https://r.example/openai/v1", NULL, "/chat/completions", "m",
         "https://r.example/openai/v1/chat/completions"},
        {"https://r.example/openai/v1", "preview", "/responses", "m",
         "https://r.example/openai/v1/responses?api-version=preview"},
    };
    struct provider_settings provider = provider_of(preset_find("azure-openai"));
    arena = arena_create();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        provider.base_url = (char *)cases[i].base;
        provider.api_version = (char *)cases[i].version;
        CU_ASSERT_PTR_NOT_NULL_FATAL(
            put(&provider, cases[i].path, cases[i].model, "{\"model\":\"m\"}", true));
        CU_ASSERT_STRING_EQUAL(request.upstream.url, cases[i].url);
    }
    provider.base_url = (char *)"https://r.example";
    CU_ASSERT_PTR_NULL(put(&provider, "/moderations", NULL, "{}", false));
    CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_REQUEST);
    arena_destroy(arena);
}

static void rules_are_for_completions_only(void)
{
    static char *dropped[] = {(char *)"input"};
    struct provider_settings provider = provider_of(preset_find("nvidia"));
    provider.drop = (struct string_list){1, dropped};
    arena = arena_create();
    CU_ASSERT_STRING_EQUAL(put_chat(&provider, "{\"model\":\"m\",\"input\":1,\"reasoning\":2}"),
                           "{\"model\":\"m\"}");
    CU_ASSERT_STRING_EQUAL(
        put(&provider, "/embeddings", "e", "{\"model\":\"m\",\"input\":1,\"reasoning\":2}", false),
        "{\"model\":\"e\",\"input\":1,\"reasoning\":2}");
    CU_ASSERT_STRING_EQUAL(put(&provider, "/moderations", NULL, "{\"input\":1}", false), "{\"input\":1}");
    CU_ASSERT_STRING_EQUAL(put(&provider, "/moderations", "forced", "{\"input\":1}", false),
                           "{\"model\":\"forced\",\"input\":1}");
    arena_destroy(arena);
}

/* Two sources of one member make one member. */
static void a_member_that_is_set_is_there_once(void)
{
    static struct name_value set[] = {{(char *)"stream_options", (char *)"{\"x\":1}"},
                                      {(char *)"top_k", (char *)"3"}};
    struct provider_settings provider = provider_of(preset_find("openai"));
    provider.set = (struct name_value_list){2, set};
    arena = arena_create();
    CU_ASSERT_STRING_EQUAL(put_chat(&provider, "{\"model\":\"m\",\"top_k\":1}"),
                           "{\"stream_options\":{\"x\":1},\"model\":\"m\",\"top_k\":3}");
    arena_destroy(arena);
}

static void without_its_key_no_request_is_made(void)
{
    struct provider_settings provider = provider_of(preset_find("groq"));
    provider.api_key = (struct secret){0};
    provider.key_needed = true;
    arena = arena_create();
    CU_ASSERT_PTR_NULL(put_chat(&provider, "{\"model\":\"m\"}"));
    CU_ASSERT_EQUAL(why.reason, FAILURE_AUTHENTICATION);
    CU_ASSERT_EQUAL(why.source, SOURCE_GATEWAY);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.message, "GROQ_API_KEY"));
    arena_destroy(arena);
}

static const struct unit_test tests[] = {
    {"unknown members stay as they are", unknown_members_stay_as_they_are},
    {"each provider gets its key its own way", each_provider_gets_its_key_its_own_way},
    {"the file overrides the preset", the_file_overrides_the_preset},
    {"azure has deployments in its path", azure_has_deployments_in_its_path},
    {"rules are for completions only", rules_are_for_completions_only},
    {"a member that is set is there once", a_member_that_is_set_is_there_once},
    {"without its key no request is made", without_its_key_no_request_is_made},
};

UNIT_MAIN("provider", tests)
