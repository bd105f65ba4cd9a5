/* Rules for providers: preset, address, key, headers and params. */
#ifndef PENSTOCK_CONFIG_PROVIDER_RULES_H
#define PENSTOCK_CONFIG_PROVIDER_RULES_H

struct settings_values;
struct config_errors;
struct provider_settings;

/* Completes the settings of the provider from its preset, the key file and the environment. Reports every
 * invalid setting. */
void provider_complete(struct provider_settings *provider, const struct settings_values *values,
                       struct config_errors *errors);

#endif
