/* What makes a provider usable: its preset, its address, its key, the headers it may be sent. */
#ifndef PENSTOCK_CONFIG_PROVIDER_RULES_H
#define PENSTOCK_CONFIG_PROVIDER_RULES_H

struct settings_values;
struct config_errors;
struct provider_settings;

/* Fills in what follows from preset, key file and environment; tells what cannot be used. */
void provider_complete(struct provider_settings *provider, const struct settings_values *said,
                       struct config_errors *mistakes);

#endif
