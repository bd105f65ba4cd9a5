/* Targets: resolving the name of a model, and permissions of clients. */
#include "routing/target.h"

#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "config/preset.h"
#include "config/settings.h"
#include "unit.h"

static char *fast_targets[] = {(char *)"groq:llama:8b?top_p=0.5&top_k=1", (char *)"nvidia:meta/llama"};
static char *bare_targets[] = {(char *)"meta/llama"};
static char *split_targets[] = {(char *)"groq:a", (char *)"groq:b", (char *)"groq:c", (char *)"groq:d"};
static struct target_options plain[] = {{.weight = -1}, {.weight = -1}};
static struct target_options weights[] = {{.weight = 6}, {.weight = 3}, {.weight = -1}, {.weight = 0}};
static struct alias_settings aliases[] = {
    {.name = (char *)"fast", .targets = {2, fast_targets, plain}},
    {.name = (char *)"org/fast:free", .targets = {1, bare_targets, plain}},
    {.name = (char *)"split", .targets = {4, split_targets, weights}},
};
static struct provider_settings providers[] = {{.name = (char *)"nvidia"}, {.name = (char *)"groq"}};
static struct settings settings;
static struct arena *arena;
static struct target target;
static struct failure why;

static void reset(void)
{
    settings = (struct settings){.default_provider = (char *)"nvidia",
                                 .force_model = (char *)"",
                                 .provider_count = 2,
                                 .providers = providers,
                                 .alias_count = 3,
                                 .aliases = aliases};
    arena_destroy(arena);
    arena = arena_create();
}

static bool find(const char *name)
{
    return target_find(&settings, arena, name, &target, &why);
}

static void the_colon_before_the_slash_parts(void)
{
    static const struct {
        const char *name, *provider, *model;
    } cases[] = {
        {"groq:llama", "groq", "llama"},
        {"groq:org/llama:free", "groq", "org/llama:free"},
        {"org/llama:free", "nvidia", "org/llama:free"},
        {"org/groq:free", "nvidia", "org/groq:free"},
        {"llama", "nvidia", "llama"},
        {"llama:8b", "nvidia", "llama:8b"},
        {"GROQ:llama", "nvidia", "GROQ:llama"},
        {"auto:any", "nvidia", "auto:any"},
        {":llama", "nvidia", ":llama"},
        {"groq::x", "groq", ":x"},
        {"groq:fast", "groq", "fast"},
        {"fast", "groq", "llama:8b"},
        {"org/fast:free", "nvidia", "meta/llama"},
        {"groq:llama?a=b:c/d", "groq", "llama"},
        {"llama?x=groq:y", "nvidia", "llama"},
    };
    reset();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_TRUE_FATAL(find(cases[i].name));
        CU_ASSERT_STRING_EQUAL(target.provider->name, cases[i].provider);
        CU_ASSERT_STRING_EQUAL(target.model, cases[i].model);
    }
}

static void a_slash_parts_unless_models_are_named_after_vendors(void)
{
    static const struct {
        const char *name, *provider, *model, *at_vendors;
    } cases[] = {
        {"groq/llama", "groq", "llama", "groq/llama"},
        {"groq/org/llama:free", "groq", "org/llama:free", "groq/org/llama:free"},
        {"groq/llama?n=1", "groq", "llama", "groq/llama"},
        {"nvidia/llama", "nvidia", "llama", "nvidia/llama"},
        {"GROQ/llama", "nvidia", "GROQ/llama", "GROQ/llama"},
        {"x:groq/llama", "nvidia", "x:groq/llama", "x:groq/llama"},
        {"org/groq/llama", "nvidia", "org/groq/llama", "org/groq/llama"},
        {"groq", "nvidia", "groq", "groq"},
        {"/groq", "nvidia", "/groq", "/groq"},
    };
    struct preset vendors = {.name = "vendors", .vendor_names = true};
    reset();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        providers[0].preset = NULL;
        CU_ASSERT_TRUE_FATAL(find(cases[i].name));
        CU_ASSERT_STRING_EQUAL(target.provider->name, cases[i].provider);
        CU_ASSERT_STRING_EQUAL(target.model, cases[i].model);
        providers[0].preset = &vendors;
        CU_ASSERT_TRUE_FATAL(find(cases[i].name));
        CU_ASSERT_STRING_EQUAL(target.provider->name, "nvidia");
        CU_ASSERT_STRING_EQUAL(target.model, cases[i].at_vendors);
    }
    CU_ASSERT_FALSE(find("groq/llama:8b?a b=1"));
    providers[0].preset = NULL;
    CU_ASSERT_FALSE(find("groq/"));
    CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_REQUEST);
    settings.default_provider = NULL;
    CU_ASSERT_TRUE(find("groq/llama"));
}

/* A name that begins with the default provider's own name may be one that a vendor of that name has given. */
static void a_key_of_the_clients_own_parts_at_a_slash(void)
{
    static const struct {
        const char *name, *wanted;
    } cases[] = {
        {"groq/llama", "groq:llama"},
        {"groq/meta/llama?n=1", "groq:meta/llama?n=1"},
        {"nvidia/nemotron", "nvidia/nemotron"},
        {"nvidia/meta/llama", "nvidia:meta/llama"},
        {"nvidia/nemotron?a=b/c", "nvidia/nemotron?a=b/c"},
    };
    struct preset vendors = {.name = "vendors", .vendor_names = true};
    reset();
    providers[0].preset = &vendors;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct provider_settings *provider = target_slash_provider(&settings, cases[i].name);
        CU_ASSERT_PTR_NOT_NULL_FATAL(provider);
        CU_ASSERT_STRING_EQUAL(target_for_own_key(&settings, arena, cases[i].name, provider),
                               cases[i].wanted);
    }
    CU_ASSERT_PTR_NULL(target_slash_provider(&settings, "org/fast:free"));
    CU_ASSERT_PTR_NULL(target_slash_provider(&settings, "org/fast:free?n=1"));
    CU_ASSERT_PTR_NULL(target_slash_provider(&settings, "groq:a/b"));
    CU_ASSERT_PTR_NULL(target_slash_provider(&settings, "groq"));
    providers[0].preset = NULL;
}

static void an_alias_keeps_all_its_targets(void)
{
    reset();
    CU_ASSERT_TRUE_FATAL(find("fast"));
    CU_ASSERT_PTR_EQUAL(target.alias, &aliases[0]);
    CU_ASSERT_EQUAL(target.alias->targets.count, 2);
    CU_ASSERT_TRUE_FATAL(find("groq:fast"));
    CU_ASSERT_PTR_NULL(target.alias);
}

/* The tail of what was asked for holds for each of them. */
static void each_target_of_an_alias_can_be_had(void)
{
    reset();
    CU_ASSERT_TRUE_FATAL(target_at(&settings, arena, "fast?n=1", 1, &target));
    CU_ASSERT_PTR_EQUAL(target.alias, &aliases[0]);
    CU_ASSERT_STRING_EQUAL(target.parameters[0].name, "n");
    CU_ASSERT_FALSE(target_at(&settings, arena, "fast", 2, &target));
    settings.force_model = (char *)"fast";
    CU_ASSERT_TRUE(target_at(&settings, arena, "groq:other", 1, &target));
    CU_ASSERT_PTR_EQUAL(target.alias, &aliases[0]);
}

static void names_without_a_provider_need_a_default(void)
{
    reset();
    settings.default_provider = NULL;
    CU_ASSERT_FALSE(find("llama"));
    CU_ASSERT_EQUAL(why.reason, FAILURE_MODEL_NOT_FOUND);
    CU_ASSERT_EQUAL(why.source, SOURCE_GATEWAY);
    CU_ASSERT_TRUE(find("groq:llama"));
    CU_ASSERT_TRUE(find("fast"));
    CU_ASSERT_FALSE(find("org/fast:free"));
    CU_ASSERT_FALSE(target_choose(&settings, NULL, arena, NULL, &target, &why));
    reset();
    CU_ASSERT_FALSE(find("groq:"));
    CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_REQUEST);
    CU_ASSERT_FALSE(find("?a=1"));
    CU_ASSERT_TRUE(target_choose(&settings, NULL, arena, NULL, &target, &why));
    CU_ASSERT_PTR_NULL(target.model);
}

/* "name=value name=value", as the body will have them. */
static const char *parameters_of(const char *name)
{
    const char *text = "";
    if (!find(name))
        return failure_reason_name(why.reason);
    for (size_t i = 0; i < target.parameter_count; i++)
        text = arena_format(arena, "%s%s%s=%s", text, *text ? " " : "", target.parameters[i].name,
                            target.parameters[i].value);
    return text;
}

static void a_tail_becomes_members(void)
{
    static const struct {
        const char *name, *parameters;
    } cases[] = {
        {"m", ""},
        {"m?", ""},
        {"m?&", ""},
        {"m?&&a=1&", "a=1"},
        {"m?flag", ""},
        {"m?flag&a=1", "a=1"},
        {"m?a=", "a=\"\""},
        {"m?=1", ""},
        {"m?a=1&a=2", "a=2"},
        {"m?A=1&a=2", "A=1 a=2"},
        {"m?a=0.5?b=1", "a=\"0.5?b=1\""},
        {"m?a=0.5#b", "a=\"0.5#b\""},
        {"m?a=b=c", "a=\"b=c\""},
        {"m?a=x%20y", "a=\"x y\""},
        {"m?a=%22%5c", "a=\"\\\"\\\\\""},
        {"m?a=%zz%4", "a=\"%zz%4\""},
        {"m?%61=1", "a=1"},
        {"m?a=-1.5e3", "a=-1.5e3"},
        {"m?a=01", "a=\"01\""},
        {"m?a=true&b=false&c=null&d=True", "a=true b=false c=null d=\"True\""},
        {"m?a=[1]&b={}", "a=\"[1]\" b=\"{}\""},
        {"m?a=%2212%22", "a=\"\\\"12\\\"\""},
        {"m?a=low+high", "a=\"low+high\""},
        {"m?a b=1", "bad_request"},
        {"m?a%22=1", "bad_request"},
        {"fast", "top_p=0.5 top_k=1"},
        {"fast?top_p=1&n=2", "top_p=1 n=2 top_k=1"},
    };
    reset();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_STRING_EQUAL(parameters_of(cases[i].name), cases[i].parameters);
}

static void force_comes_before_what_is_asked(void)
{
    reset();
    settings.force_model = (char *)"groq:x?n=1";
    CU_ASSERT_TRUE_FATAL(target_choose(&settings, NULL, arena, "nvidia:y", &target, &why));
    CU_ASSERT_STRING_EQUAL(target.model, "x");
    CU_ASSERT_EQUAL(target.parameter_count, 1);
    CU_ASSERT_TRUE_FATAL(target_choose(&settings, NULL, arena, NULL, &target, &why));
    CU_ASSERT_STRING_EQUAL(target.model, "x");
    CU_ASSERT_TRUE_FATAL(find("nvidia:y"));
    CU_ASSERT_STRING_EQUAL(target.model, "y");
}

static void a_client_gets_what_it_may_use(void)
{
    static char *patterns[] = {(char *)"fast", (char *)"meta/*", (char *)"groq:tiny"};
    static const struct {
        const char *name;
        bool allowed;
    } cases[] = {
        {"fast", true},          {"fast?n=1", true},       {"groq:llama:8b", false}, {"meta/llama", true},
        {"nvidia:meta/x", true}, {"groq:meta/x", false},   {"groq:tiny", true},      {"tiny", false},
        {"nvidia:tiny", false},  {"org/fast:free", false}, {"groq:fast", false},     {"nvidia:fast", true},
    };
    struct client_settings client = {.name = (char *)"c", .models = {3, patterns}}, free_one = {.name = NULL};
    reset();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_EQUAL(target_choose(&settings, &client, arena, cases[i].name, &target, &why),
                        cases[i].allowed);
        CU_ASSERT(cases[i].allowed || why.reason == FAILURE_FORBIDDEN);
        CU_ASSERT_TRUE(target_choose(&settings, &free_one, arena, cases[i].name, &target, &why));
        CU_ASSERT_TRUE(target_choose(&settings, NULL, arena, cases[i].name, &target, &why));
    }
    settings.force_model = (char *)"groq:large";
    CU_ASSERT_FALSE(target_choose(&settings, &client, arena, "fast", &target, &why));
    CU_ASSERT_FALSE(target_choose(&settings, &client, arena, NULL, &target, &why));
    arena_destroy(arena);
    arena = NULL;
}

static uint64_t drawn = 1;

/* The same numbers in each run (Knuth's MMIX). */
static uint32_t next_number(void)
{
    drawn = drawn * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(drawn >> 32);
}

static void without_weights_targets_keep_their_order(void)
{
    size_t order[TARGETS_MAX];
    for (int i = 0; i < 20; i++) {
        target_draw_order(&aliases[0], order, next_number);
        CU_ASSERT_EQUAL(order[0], 0);
        CU_ASSERT_EQUAL(order[1], 1);
    }
}

/* A target without a weight among others has weight 1; one of weight 0 comes last. */
static void weights_draw_the_order(void)
{
    enum { DRAWS = 10000 };
    size_t order[TARGETS_MAX], first[4] = {0}, second_after_first[4] = {0};
    for (int i = 0; i < DRAWS; i++) {
        bool seen[4] = {false};
        target_draw_order(&aliases[2], order, next_number);
        first[order[0]]++;
        if (order[0] == 0)
            second_after_first[order[1]]++;
        for (int k = 0; k < 4; k++)
            seen[order[k]] = true;
        CU_ASSERT_TRUE(seen[0] && seen[1] && seen[2] && seen[3]);
        CU_ASSERT_EQUAL(order[3], 3);
    }
    CU_ASSERT(first[0] > 5700 && first[0] < 6300);
    CU_ASSERT(first[1] > 2700 && first[1] < 3300);
    CU_ASSERT(first[2] > 800 && first[2] < 1200);
    CU_ASSERT(second_after_first[1] > 2 * second_after_first[2]);
}

static const struct unit_test tests[] = {
    {"the colon before the slash parts", the_colon_before_the_slash_parts},
    {"a slash parts unless models are named after vendors",
     a_slash_parts_unless_models_are_named_after_vendors},
    {"a key of the client's own parts at a slash", a_key_of_the_clients_own_parts_at_a_slash},
    {"an alias keeps all its targets", an_alias_keeps_all_its_targets},
    {"each target of an alias can be had", each_target_of_an_alias_can_be_had},
    {"names without a provider need a default", names_without_a_provider_need_a_default},
    {"a tail becomes members", a_tail_becomes_members},
    {"force comes before what is asked", force_comes_before_what_is_asked},
    {"a client gets what it may use", a_client_gets_what_it_may_use},
    {"without weights targets keep their order", without_weights_targets_keep_their_order},
    {"weights draw the order", weights_draw_the_order},
};

UNIT_MAIN("target", tests)
