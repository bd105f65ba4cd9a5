/* The presets: found by name, and complete. */
#include <string.h>

#include "preset.h"
#include "unit.h"

static void each_preset_is_found_by_its_name(void)
{
    const struct preset *preset;
    unsigned count = 0;
    for (; (preset = preset_at(count)); count++) {
        CU_ASSERT_PTR_EQUAL(preset_find(preset->name), preset);
        CU_ASSERT_EQUAL(strspn(preset->name, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(preset->name));
        CU_ASSERT_EQUAL(strncmp(preset->base_url, "https://", 8), 0);
        CU_ASSERT_NOT_EQUAL(preset->base_url[strlen(preset->base_url) - 1], '/');
        CU_ASSERT_PTR_NOT_NULL(preset->key_variable);
    }
    CU_ASSERT_EQUAL(count, 3);
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

/* What the origin's tests of its nvidia backend show, row by row. */
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
    CU_ASSERT_EQUAL(nvidia->first_byte_ms, 300000);
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
    {"a plain provider has no preset", a_plain_provider_has_no_preset},
};

UNIT_MAIN("preset", tests)
