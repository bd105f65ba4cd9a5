/* The presets: facts about providers, one row each.
 *
 * Another OpenAI-compatible provider needs only another row; settings override each fact. The facts were
 * collected on 2026-11-20 from the source named in each row, and may have changed since. "Recorded responses"
 * are those that the tests of public client libraries replay.
 *
 * Providers whose models are named "VENDOR/MODEL" throughout have vendor_names: such a name must not be taken
 * for "PROVIDER/MODEL". Local servers name their models after repositories of Hugging Face.
 *
 * A rule removes or renames only members that the provider is known to reject, and only if the request means
 * the same without the member or under the new name. All other members are sent unchanged, because the
 * provider's error explains the problem. */
#include "config/preset.h"

#include <stddef.h>
#include <string.h>

/* For providers that support only the older name of the limit, and reject or ignore the newer name. */
#define MAX_TOKENS_ONLY                                                                                      \
    {                                                                                                        \
        .name = "max_completion_tokens", .action = PARAMETER_RENAME, .value = "max_tokens"                   \
    }
/* Reasoning models and what is fine-tuned from them need the newer name (OpenAI API reference, "max_tokens":
 * not compatible with o-series). */
#define REASONERS "gpt-5*|o1*|o3*|o4*|ft:gpt-5*|ft:o1*|ft:o3*|ft:o4*"
#define REASONERS_MAX_TOKENS                                                                                 \
    {                                                                                                        \
        .name = "max_tokens", .action = PARAMETER_RENAME, .value = "max_completion_tokens",                  \
        .models = REASONERS                                                                                  \
    }
#define DROP(member)                                                                                         \
    {                                                                                                        \
        .name = (member), .action = PARAMETER_DROP                                                           \
    }

static const struct preset presets[] = {
    /* Rejects unknown members (422, extra_forbidden). Its models can be silent for minutes before the first
     * byte. Source: langchain-ai/langchain-nvidia; docs.nvidia.com/nim. */
    {.name = "nvidia",
     .base_url = "https://integrate.api.nvidia.com/v1",
     .vendor_names = true,
     .key_variable = "NVIDIA_API_KEY",
     .key_needed = true,
     .silence_ms = 300000,
     .parameters = {MAX_TOKENS_ONLY, DROP("reasoning_effort"), DROP("reasoning"), DROP("stream_options")}},
    /* Source: openai/openai-python; API reference. */
    {.name = "openai",
     .efforts = REASONERS,
     .strict = true,
     .base_url = "https://api.openai.com/v1",
     .key_variable = "OPENAI_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .speaks = "chat responses",
     .parameters = {REASONERS_MAX_TOKENS}},
    /* Its list contains the models that can be deployed, not the deployments that exist. Source:
       openai/openai-dotnet; recorded responses. */
    {.name = "azure-openai",
     .efforts = REASONERS,
     .strict = true,
     .key_variable = "AZURE_OPENAI_API_KEY",
     .auth = AUTH_API_KEY,
     .key_needed = true,
     .stream_usage = true,
     .unlisted = true,
     .speaks = "chat responses",
     .deployments = true,
     .api_version = "2024-10-21",
     .parameters = {REASONERS_MAX_TOKENS}},
    /* All requests go to the native API. The OpenAI-compatible endpoint takes a Bearer token, and is only
       asked for what the native API does not have. Source: anthropics/anthropic-sdk-python; docs of the
       compatible endpoint. */
    {.name = "anthropic",
     .base_url = "https://api.anthropic.com/v1",
     .speaks = "messages",
     .key_variable = "ANTHROPIC_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .native_auth = AUTH_X_API_KEY,
     .models_path = "/models?limit=1000",
     .header = "anthropic-version",
     .header_value = "2023-06-01",
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: ai.google.dev, OpenAI compatibility; recorded responses. */
    {.name = "gemini",
     .base_url = "https://generativelanguage.googleapis.com/v1beta/openai",
     .key_variable = "GEMINI_API_KEY",
     .key_needed = true,
     .stream_usage = true},
    /* The native API. Its list of models is of another form than OpenAI's. Source: ai.google.dev, API
       reference; recorded responses. */
    {.name = "gemini-native",
     .base_url = "https://generativelanguage.googleapis.com/v1beta",
     .speaks = "gemini",
     .key_variable = "GEMINI_API_KEY",
     .auth = AUTH_X_GOOG_API_KEY,
     .models_path = "/models?pageSize=1000",
     .key_needed = true},
    /* Source: console.groq.com/docs; recorded responses. */
    {.name = "groq",
     .efforts = "*gpt-oss*|*qwen3*",
     .strict = true,
     .base_url = "https://api.groq.com/openai/v1",
     .key_variable = "GROQ_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .speaks = "chat responses"},
    /* Source: togethercomputer/together-python. */
    {.name = "together",
     .top_k = true,
     .base_url = "https://api.together.xyz/v1",
     .vendor_names = true,
     .key_variable = "TOGETHER_API_KEY",
     .key_needed = true,
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: vercel/ai packages/fireworks. */
    {.name = "fireworks",
     .top_k = true,
     .strict = true,
     .base_url = "https://api.fireworks.ai/inference/v1",
     .key_variable = "FIREWORKS_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .speaks = "chat responses"},
    /* Rejects unknown members, too. It reports the usage of streams without stream_options. Source:
       mistralai/client-python; recorded responses. */
    {.name = "mistral",
     .efforts = "magistral*",
     .base_url = "https://api.mistral.ai/v1",
     .key_variable = "MISTRAL_API_KEY",
     .key_needed = true,
     .parameters = {MAX_TOKENS_ONLY,
                    DROP("store"),
                    DROP("stream_options"),
                    DROP("user"),
                    {.name = "seed", .action = PARAMETER_RENAME, .value = "random_seed"}}},
    /* Source: api-docs.deepseek.com; recorded responses. */
    {.name = "deepseek",
     .base_url = "https://api.deepseek.com",
     .key_variable = "DEEPSEEK_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .speaks = "chat responses",
     .keeps_reasoning = true,
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: recorded responses. */
    {.name = "xai",
     .efforts = "grok-3-mini*",
     .strict = true,
     .base_url = "https://api.x.ai/v1",
     .key_variable = "XAI_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .speaks = "chat responses"},
    /* Source: openrouter.ai/docs; recorded responses. */
    {.name = "openrouter",
     .top_k = true,
     .strict = true,
     .base_url = "https://openrouter.ai/api/v1",
     .vendor_names = true,
     .key_variable = "OPENROUTER_API_KEY",
     .key_needed = true,
     .speaks = "chat responses"},
    /* Source: docs.cohere.com/docs/compatibility-api. */
    {.name = "cohere",
     .efforts = "command-a-reasoning*",
     .base_url = "https://api.cohere.ai/compatibility/v1",
     .key_variable = "COHERE_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: recorded responses; perplexityai/api-discussion. */
    {.name = "perplexity",
     .efforts = "sonar-reasoning*|sonar-deep-research*",
     .base_url = "https://api.perplexity.ai",
     .key_variable = "PERPLEXITY_API_KEY",
     .key_needed = true,
     .unlisted = true,
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: Cerebras/cerebras-cloud-sdk-python. */
    {.name = "cerebras",
     .efforts = "*gpt-oss*",
     .strict = true,
     .base_url = "https://api.cerebras.ai/v1",
     .key_variable = "CEREBRAS_API_KEY",
     .key_needed = true,
     .stream_usage = true},
    /* Source: Portkey-AI/gateway src/providers/sambanova. */
    {.name = "sambanova",
     .base_url = "https://api.sambanova.ai/v1",
     .key_variable = "SAMBANOVA_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: Portkey-AI/gateway src/providers/hyperbolic. */
    {.name = "hyperbolic",
     .base_url = "https://api.hyperbolic.xyz/v1",
     .vendor_names = true,
     .key_variable = "HYPERBOLIC_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: anomalyco/models.dev. */
    {.name = "deepinfra",
     .top_k = true,
     .base_url = "https://api.deepinfra.com/v1/openai",
     .vendor_names = true,
     .key_variable = "DEEPINFRA_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: recorded responses. */
    {.name = "huggingface",
     .top_k = true,
     .strict = true,
     .base_url = "https://router.huggingface.co/v1",
     .vendor_names = true,
     .key_variable = "HF_TOKEN",
     .key_needed = true,
     .stream_usage = true,
     .speaks = "chat responses",
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: vercel/ai packages/moonshotai. */
    {.name = "moonshot",
     .base_url = "https://api.moonshot.ai/v1",
     .key_variable = "MOONSHOT_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .keeps_reasoning = true,
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: recorded responses; zai-org/GLM-5. */
    {.name = "zai",
     .efforts = "",
     .base_url = "https://api.z.ai/api/paas/v4",
     .key_variable = "ZAI_API_KEY",
     .key_needed = true,
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: vercel/ai packages/alibaba. */
    {.name = "alibaba",
     .base_url = "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
     .key_variable = "DASHSCOPE_API_KEY",
     .key_needed = true,
     .stream_usage = true,
     .speaks = "chat responses",
     .parameters = {MAX_TOKENS_ONLY}},
    /* Local servers, at their default ports. Source: ollama/ollama docs/api/openai-compatibility.mdx. */
    {.name = "ollama",
     .top_k = true,
     .base_url = "http://localhost:11434/v1",
     .key_variable = "OLLAMA_API_KEY",
     .stream_usage = true,
     .speaks = "chat responses",
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: vllm-project/vllm vllm/entrypoints/openai. */
    {.name = "vllm",
     .top_k = true,
     .strict = true,
     .base_url = "http://localhost:8000/v1",
     .vendor_names = true,
     .key_variable = "VLLM_API_KEY",
     .stream_usage = true,
     .speaks = "chat responses"},
    /* Source: ggml-org/llama.cpp tools/server. */
    {.name = "llamacpp",
     .top_k = true,
     .base_url = "http://localhost:8080/v1",
     .key_variable = "LLAMA_API_KEY",
     .stream_usage = true,
     .speaks = "chat responses"},
    /* Source: recorded responses; lmstudio-ai/lmstudio-bug-tracker. */
    {.name = "lmstudio",
     .top_k = true,
     .base_url = "http://localhost:1234/v1",
     .vendor_names = true,
     .key_variable = "LMSTUDIO_API_KEY",
     .stream_usage = true,
     .speaks = "chat responses",
     .parameters = {MAX_TOKENS_ONLY}},
    /* Source: sgl-project/sglang; recorded responses. */
    {.name = "sglang",
     .top_k = true,
     .base_url = "http://localhost:30000/v1",
     .vendor_names = true,
     .key_variable = "SGLANG_API_KEY",
     .stream_usage = true,
     .speaks = "chat responses"},
    /* Source: huggingface/text-generation-inference router/src. */
    {.name = "tgi",
     .base_url = "http://localhost:3000/v1",
     .vendor_names = true,
     .key_variable = "HF_TOKEN",
     .stream_usage = true,
     .parameters = {MAX_TOKENS_ONLY}},
};

/* Requests include_usage, which most OpenAI-compatible servers support. */
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
