/* What is known of single models.
 *
 * The most tokens that each can generate (Anthropic, "Models overview"; collected on 2026-11-29). */
#include "config/model_limits.h"

#include <stddef.h>

#include "base/pattern.h"
#include "config/settings_types.h"

#define UNKNOWN_LIMIT 8192

static const struct {
    const char *models; /* patterns */
    int64_t most;
} limits[] = {
    {"*claude-3-haiku*|*claude-3-opus*|*claude-3-sonnet*", 4096},
    {"*claude-3-5*", 8192},
    {"*claude-opus-4-0*|*claude-opus-4-1*|*claude-opus-4-2025*", 32000},
    {"*claude-3-7*|*claude-sonnet-4*|*claude-haiku-4*|*claude-opus-4-5*", 64000},
    {"*claude-opus-4-6*|*claude-opus-4-7*|*claude-opus-4-8*", 128000},
};

int64_t model_default_limit(const struct provider_settings *provider, const char *model)
{
    if (provider->max_tokens_default)
        return provider->max_tokens_default;
    for (size_t i = 0; model && i < sizeof limits / sizeof *limits; i++)
        if (pattern_matches(limits[i].models, model))
            return limits[i].most;
    return UNKNOWN_LIMIT;
}
