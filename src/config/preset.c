/* What is known of a provider by its name: a table, one row each.
 *
 * Facts only, as the providers publish or show them; the file can override each. Another OpenAI-compatible
 * provider is one more row. What a provider needs beyond facts would be a dialect, with a file of its own.
 *
 * A rule drops or renames only what the provider is known to refuse, and only where the request means the
 * same without it or under the other name. All else is the provider's to refuse: its sentence says more than
 * our silence would. */
#include "config/preset.h"

#include <stddef.h>
#include <string.h>

/* The older name of the limit; whoever knows only this one refuses the newer or, worse, ignores it. */
#define MAX_TOKENS_ONLY                                                                                      \
    {                                                                                                        \
        .name = "max_completion_tokens", .action = PARAMETER_RENAME, .value = "max_tokens"                   \
    }
/* The newer one, which reasoning models want (API reference, "max_tokens": not compatible with o-series). */
#define REASONERS_MAX_TOKENS                                                                                 \
    {                                                                                                        \
        .name = "max_tokens", .action = PARAMETER_RENAME, .value = "max_completion_tokens",                  \
        .models = "gpt-5*|o1*|o3*|o4*"                                                                       \
    }
#define DROP(member)                                                                                         \
    {                                                                                                        \
        .name = (member), .action = PARAMETER_DROP                                                           \
    }

static const struct preset presets[] = {
    /* The strict front refuses members it does not know (422, extra_forbidden), and its models stay silent
     * for minutes before the first byte. */
    {.name = "nvidia",
     .base_url = "https://integrate.api.nvidia.com/v1",
     .key_variable = "NVIDIA_API_KEY",
     .key_needed = true,
     .first_byte_ms = 300000,
     .parameters = {MAX_TOKENS_ONLY, DROP("reasoning_effort"), DROP("reasoning"), DROP("stream_options")}},
    {.name = "openai",
     .base_url = "https://api.openai.com/v1",
     .key_variable = "OPENAI_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .responses = true,
     .parameters = {REASONERS_MAX_TOKENS}},
    /* The list at its address is of models that could be deployed, not of the deployments that answer. */
    {.name = "azure-openai",
     .key_variable = "AZURE_OPENAI_API_KEY",
     .auth = AUTH_API_KEY,
     .key_needed = true,
     .stream_usage = true,
     .unlisted = true,
     .responses = true,
     .deployments = true,
     .api_version = "2024-10-21",
     .parameters = {REASONERS_MAX_TOKENS}},
    /* The endpoint that is compatible with OpenAI's takes a Bearer token; its list is the native API's. */
    {.name = "anthropic",
     .base_url = "https://api.anthropic.com/v1",
     .key_variable = "ANTHROPIC_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .list_auth = AUTH_X_API_KEY,
     .models_path = "/models?limit=1000",
     .header = "anthropic-version",
     .header_value = "2023-06-01",
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "gemini",
     .base_url = "https://generativelanguage.googleapis.com/v1beta/openai",
     .key_variable = "GEMINI_API_KEY",
     .key_needed = true,
     .stream_usage = true},
    {.name = "gemini-native",
     .base_url = "https://generativelanguage.googleapis.com/v1beta/openai",
     .key_variable = "GEMINI_API_KEY",
     .key_needed = true,
     .stream_usage = true},
    {.name = "groq",
     .base_url = "https://api.groq.com/openai/v1",
     .key_variable = "GROQ_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .responses = true},
    {.name = "together",
     .base_url = "https://api.together.xyz/v1",
     .key_variable = "TOGETHER_API_KEY",
     .key_needed = true,
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "fireworks",
     .base_url = "https://api.fireworks.ai/inference/v1",
     .key_variable = "FIREWORKS_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .responses = true},
    /* As strict as nvidia's front; it tells the usage unasked. */
    {.name = "mistral",
     .base_url = "https://api.mistral.ai/v1",
     .key_variable = "MISTRAL_API_KEY",
     .key_needed = true,
     .parameters = {MAX_TOKENS_ONLY,
                    DROP("store"),
                    DROP("stream_options"),
                    DROP("user"),
                    {.name = "seed", .action = PARAMETER_RENAME, .value = "random_seed"}}},
    {.name = "deepseek",
     .keeps_reasoning = true,
     .base_url = "https://api.deepseek.com",
     .key_variable = "DEEPSEEK_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .responses = true,
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "xai",
     .base_url = "https://api.x.ai/v1",
     .key_variable = "XAI_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .responses = true},
    {.name = "openrouter",
     .base_url = "https://openrouter.ai/api/v1",
     .key_variable = "OPENROUTER_API_KEY",
     .key_needed = true,
     .responses = true},
    {.name = "cohere",
     .base_url = "https://api.cohere.ai/compatibility/v1",
     .key_variable = "COHERE_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "perplexity",
     .base_url = "https://api.perplexity.ai",
     .key_variable = "PERPLEXITY_API_KEY",
     .key_needed = true,
     .unlisted = true,
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "cerebras",
     .base_url = "https://api.cerebras.ai/v1",
     .key_variable = "CEREBRAS_API_KEY",
     .key_needed = true,
     .stream_usage = true},
    {.name = "sambanova",
     .base_url = "https://api.sambanova.ai/v1",
     .key_variable = "SAMBANOVA_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "hyperbolic",
     .base_url = "https://api.hyperbolic.xyz/v1",
     .key_variable = "HYPERBOLIC_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "deepinfra",
     .base_url = "https://api.deepinfra.com/v1/openai",
     .key_variable = "DEEPINFRA_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "huggingface",
     .base_url = "https://router.huggingface.co/v1",
     .key_variable = "HF_TOKEN",
     .key_needed = true,
     .stream_usage = true,
     .responses = true,
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "moonshot",
     .keeps_reasoning = true,
     .base_url = "https://api.moonshot.ai/v1",
     .key_variable = "MOONSHOT_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "zai",
     .base_url = "https://api.z.ai/api/paas/v4",
     .key_variable = "ZAI_API_KEY",
     .key_needed = true,
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "alibaba",
     .base_url = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
     .key_variable = "DASHSCOPE_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .responses = true,
     .parameters = {MAX_TOKENS_ONLY}},
    /* Servers of one's own, at the port that each listens on by default. */
    {.name = "ollama",
     .base_url = "http://localhost:11434/v1",
     .key_variable = "OLLAMA_API_KEY",
     .stream_usage = true,
     .responses = true,
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "vllm",
     .base_url = "http://localhost:8000/v1",
     .key_variable = "VLLM_API_KEY",
     .stream_usage = true,
     .responses = true},
    {.name = "llamacpp",
     .base_url = "http://localhost:8080/v1",
     .key_variable = "LLAMA_API_KEY",
     .stream_usage = true,
     .responses = true},
    {.name = "lmstudio",
     .base_url = "http://localhost:1234/v1",
     .key_variable = "LMSTUDIO_API_KEY",
     .stream_usage = true,
     .responses = true,
     .parameters = {MAX_TOKENS_ONLY}},
    {.name = "sglang",
     .base_url = "http://localhost:30000/v1",
     .key_variable = "SGLANG_API_KEY",
     .stream_usage = true,
     .responses = true},
    {.name = "tgi",
     .base_url = "http://localhost:3000/v1",
     .key_variable = "HF_TOKEN",
     .stream_usage = true,
     .parameters = {MAX_TOKENS_ONLY}},
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
