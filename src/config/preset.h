/* What is known of a provider by its name: a table, one row each. */
#ifndef PENSTOCK_CONFIG_PRESET_H
#define PENSTOCK_CONFIG_PRESET_H

#include <stdbool.h>
#include <stdint.h>

/* What happens to one member of a completion's top level on its way to the provider. */
struct parameter_rule {
    const char *name;
    enum { PARAMETER_DROP, PARAMETER_RENAME, PARAMETER_SET } action;
    const char *value;  /* rename: the new name; set: JSON text */
    const char *models; /* patterns (pattern.h) of those that it is for; NULL: all */
};

/* How the key is shown; the order is that of the setting's choices. */
enum auth { AUTH_PRESET, AUTH_BEARER, AUTH_API_KEY, AUTH_X_API_KEY, AUTH_NONE };

struct preset {
    const char *name;                    /* in [a-z0-9-] */
    const char *base_url;                /* NULL: each user has an own one, which is to be given */
    const char *key_variable;            /* environment variable that holds the key; NULL: none */
    enum auth auth;                      /* AUTH_PRESET: a Bearer token */
    enum auth list_auth;                 /* for its list of models; AUTH_PRESET: as for all else */
    bool key_needed;                     /* without a key the provider is not usable */
    bool stream_usage;                   /* tells a stream's usage only when include_usage asks for it */
    bool unlisted;                       /* has no list of models that could be asked for */
    bool responses;                      /* has the Responses API */
    bool keeps_reasoning;                /* wants "reasoning_content" of earlier turns back */
    bool deployments;                    /* names the model in the path: Azure's way */
    const char *models_path;             /* NULL: "/models" */
    const char *api_version;             /* the query's, where there is one */
    int64_t first_byte_ms;               /* 0: the general default */
    const char *header, *header_value;   /* one more that it wants; NULL: none */
    struct parameter_rule parameters[6]; /* ends with a NULL name */
};

/* The preset of that name, or NULL. */
const struct preset *preset_find(const char *name);

/* The rows in order, NULL past the end. */
const struct preset *preset_at(unsigned index);

/* What holds for a provider that is no preset: OpenAI-compatible, base_url to be given. */
const struct preset *preset_plain(void);

#endif
