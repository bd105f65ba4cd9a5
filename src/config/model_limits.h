/* What is known of single models. */
#ifndef PENSTOCK_CONFIG_MODEL_LIMITS_H
#define PENSTOCK_CONFIG_MODEL_LIMITS_H

#include <stdint.h>

struct provider_settings;

/* Returns the limit of the answer's tokens for a request that has none, where the provider's API requires
 * one: that of the settings, else the most that the model can generate, else 8192 (contract, section 9).
 * `model` may be NULL. */
int64_t model_default_limit(const struct provider_settings *provider, const char *model);

#endif
