/* The presets: found by name, and complete. */
#include <string.h>

#include "base/pattern.h"
#include "config/preset.h"
#include "unit.h"

static void each_preset_is_found_by_its_name(void)
{
    const struct preset *preset;
    unsigned count = 0;
    for (; (preset = preset_at(count)); count++) {
        CU_ASSERT_PTR_EQUAL(preset_find(preset->name), preset);
        CU_ASSERT_EQUAL(strspn(preset->name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(preset->name));
        CU_ASSERT_PTR_NOT_NULL(preset->key_variable);
        CU_ASSERT(preset->base_url || preset->deployments);
        if (!preset->base_url)
            continue;
        CU_ASSERT_EQUAL(strncmp(preset->base_url, preset->key_needed ? "https://" : "http://", 7), 0);
        CU_ASSERT_NOT_EQUAL(preset->base_url[strlen(preset->base_url) - 1], '/');
    }
    CU_ASSERT_EQUAL(count, 29);
    CU_ASSERT_PTR_NULL(preset_at(count));
    CU_ASSERT_PTR_NULL(preset_find("Nvidia"));
    CU_ASSERT_PTR_NULL(preset_find(""));
    CU_ASSERT_PTR_NULL(preset_find(preset_plain()->name));
}

static const struct parameter_rule *rule_for(const struct preset *preset, const char *name)
{
    for (const struct parameter_rule *rule = preset->parameters; rule->name; rule++)
        if (strcmp(rule->name, name) == 0)
            return rule;
    return NULL;
}

/* The parameter map that the origin's tests of its nvidia backend show, row by row. */
static void nvidia_has_its_parameter_map(void)
{
    static const char *const dropped[] = {"reasoning_effort", "reasoning", "stream_options"};
    const struct preset *nvidia = preset_find("nvidia");
    const struct parameter_rule *rule = rule_for(nvidia, "max_completion_tokens");
    CU_ASSERT_PTR_NOT_NULL_FATAL(rule);
    CU_ASSERT_EQUAL(rule->action, PARAMETER_RENAME);
    CU_ASSERT_STRING_EQUAL(rule->value, "max_tokens");
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++) {
        rule = rule_for(nvidia, dropped[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(rule);
        CU_ASSERT_EQUAL(rule->action, PARAMETER_DROP);
    }
    CU_ASSERT_FALSE(nvidia->stream_usage);
    CU_ASSERT_EQUAL(nvidia->silence_ms, 300000);
}

/* Providers that know only "max_tokens", and others that would lose the limit by it. */
static void the_token_limit_has_the_name_that_the_provider_knows(void)
{
    static const char *const renamed[] = {"nvidia",      "anthropic",  "together",  "mistral",    "deepseek",
                                          "cohere",      "perplexity", "sambanova", "hyperbolic", "deepinfra",
                                          "huggingface", "moonshot",   "zai",       "alibaba",    "ollama",
                                          "lmstudio",    "tgi"};
    static const char *const untouched[] = {"gemini",   "groq", "fireworks", "xai",   "openrouter",
                                            "cerebras", "vllm", "llamacpp",  "sglang"};
    for (size_t i = 0; i < sizeof renamed / sizeof *renamed; i++) {
        const struct preset *preset = preset_find(renamed[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(preset);
        const struct parameter_rule *rule = rule_for(preset, "max_completion_tokens");
        CU_ASSERT_PTR_NOT_NULL_FATAL(rule);
        CU_ASSERT_STRING_EQUAL(rule->value, "max_tokens");
        CU_ASSERT_PTR_NULL(rule->models);
    }
    for (size_t i = 0; i < sizeof untouched / sizeof *untouched; i++) {
        const struct preset *preset = preset_find(untouched[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(preset);
        CU_ASSERT_PTR_NULL(preset->parameters[0].name);
    }
}

static void reasoning_models_have_a_rule_of_their_own(void)
{
    static const char *const presets[] = {"openai", "azure-openai"};
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++) {
        const struct parameter_rule *rule = rule_for(preset_find(presets[i]), "max_tokens");
        CU_ASSERT_PTR_NOT_NULL_FATAL(rule);
        CU_ASSERT_STRING_EQUAL(rule->value, "max_completion_tokens");
        CU_ASSERT_TRUE(pattern_matches(rule->models, "gpt-5-mini"));
        CU_ASSERT_TRUE(pattern_matches(rule->models, "o3"));
        CU_ASSERT_FALSE(pattern_matches(rule->models, "gpt-4o"));
        CU_ASSERT_FALSE(pattern_matches(rule->models, "gpt-4.1"));
    }
}

static void patterns_match_complete_names(void)
{
    static const struct {
        const char *patterns, *text;
        bool fits;
    } cases[] = {
        {"a", "a", true},
        {"a", "ab", false},
        {"a", "", false},
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "any/thing:x", true},
        {"a*", "a", true},
        {"a*", "ba", false},
        {"*a", "bca", true},
        {"a*b*c", "aXbYc", true},
        {"a*b*c", "aXcYb", false},
        {"*ab", "aab", true},
        {"*aab*", "aaab", true},
        {"x|a*", "abc", true},
        {"x|y", "z", false},
        {"groq:*", "groq:llama", true},
        {"groq:*", "nvidia:llama", false},
        {"a**b", "ab", true},
        {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaa", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_EQUAL(pattern_matches(cases[i].patterns, cases[i].text), cases[i].fits);
}

static void a_plain_provider_has_no_preset(void)
{
    CU_ASSERT_PTR_NULL(preset_plain()->base_url);
    CU_ASSERT_PTR_NULL(preset_plain()->key_variable);
    CU_ASSERT_FALSE(preset_plain()->key_needed);
    CU_ASSERT_TRUE(preset_plain()->stream_usage);
    CU_ASSERT_PTR_NULL(preset_plain()->parameters[0].name);
}

static const struct unit_test tests[] = {
    {"each preset is found by its name", each_preset_is_found_by_its_name},
    {"nvidia has its parameter map", nvidia_has_its_parameter_map},
    {"the token limit has the name that the provider knows",
     the_token_limit_has_the_name_that_the_provider_knows},
    {"reasoning models have a rule of their own", reasoning_models_have_a_rule_of_their_own},
    {"patterns match complete names", patterns_match_complete_names},
    {"a plain provider has no preset", a_plain_provider_has_no_preset},
};

UNIT_MAIN("preset", tests)
