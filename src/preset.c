/* What is known of a provider by its name: a table, one row each.
 *
 * Facts only, as the providers publish or show them; the file can override each. What a provider needs beyond
 * facts would be a dialect, with a file of its own. */
#include "preset.h"

#include <stddef.h>
#include <string.h>

/* The strict front of nvidia refuses members it does not know (422, extra_forbidden), and its models stay
 * silent for minutes before the first byte. */
static const struct preset presets[] = {
    {
        .name = "nvidia",
        .base_url = "https://integrate.api.nvidia.com/v1",
        .key_variable = "NVIDIA_API_KEY",
        .key_needed = true,
        .first_byte_ms = 300000,
        .parameters =
            {
                {"max_completion_tokens", PARAMETER_RENAME, "max_tokens"},
                {"reasoning_effort", PARAMETER_DROP, NULL},
                {"reasoning", PARAMETER_DROP, NULL},
                {"stream_options", PARAMETER_DROP, NULL},
            },
    },
    {
        .name = "openai",
        .base_url = "https://api.openai.com/v1",
        .key_variable = "OPENAI_API_KEY",
        .key_needed = true,
        .stream_usage = true,
    },
    {
        .name = "groq",
        .base_url = "https://api.groq.com/openai/v1",
        .key_variable = "GROQ_API_KEY",
        .key_needed = true,
        .stream_usage = true,
    },
};

/* Without a preset include_usage is asked for: most OpenAI-compatible servers know it. */
static const struct preset plain = {.name = "plain", .stream_usage = true};

#define PRESETS (sizeof presets / sizeof *presets)

const struct preset *preset_find(const char *name)
{
    for (size_t i = 0; i < PRESETS; i++)
        if (strcmp(presets[i].name, name) == 0)
            return &presets[i];
    return NULL;
}

const struct preset *preset_at(unsigned index)
{
    return index < PRESETS ? &presets[index] : NULL;
}

const struct preset *preset_plain(void)
{
    return &plain;
}
