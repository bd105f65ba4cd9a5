/* The presets: facts about providers, one row each. */
#ifndef PENSTOCK_CONFIG_PRESET_H
#define PENSTOCK_CONFIG_PRESET_H

#include <stdbool.h>
#include <stdint.h>

/* What happens to one top-level member of a request for a completion. */
struct parameter_rule {
    const char *name;
    enum { PARAMETER_DROP, PARAMETER_RENAME, PARAMETER_SET } action;
    const char *value;  /* rename: the new name; set: JSON text */
    const char *models; /* patterns (pattern.h) of the models that the rule applies to; NULL: all */
};

/* The header of the key, in the order of the setting's choices. */
enum auth { AUTH_PRESET, AUTH_BEARER, AUTH_API_KEY, AUTH_X_API_KEY, AUTH_NONE, AUTH_X_GOOG_API_KEY };

struct preset {
    const char *name;                    /* in [a-z0-9-] */
    const char *base_url;                /* NULL: each account has its own, and the setting is required */
    const char *key_variable;            /* environment variable that holds the key; NULL: none */
    enum auth auth;                      /* AUTH_PRESET: a Bearer token */
    enum auth native_auth;               /* for the list of models and Messages; AUTH_PRESET: as `auth` */
    bool key_needed;                     /* the provider does not work without a key */
    bool stream_usage;                   /* reports the usage of a stream only with include_usage */
    bool unlisted;                       /* has no list of models */
    bool keeps_reasoning;                /* needs "reasoning_content" of earlier turns */
    bool strict;                         /* knows "strict" of a tool */
    bool top_k;                          /* takes "top_k" in chat completions */
    const char *efforts;                 /* patterns of the models that take an effort; NULL: all */
    bool vendor_names;                   /* its own names of models begin with a vendor: "meta/llama" */
    bool deployments;                    /* has the model in the path, as Azure does */
    const char *speaks;                  /* names of APIs (api.h), the preferred one first; NULL: "chat" */
    const char *models_path;             /* NULL: "/models" */
    const char *api_version;             /* query parameter; NULL: none */
    int64_t silence_ms;                  /* lower limit of the timeouts first_byte and idle; 0: none */
    const char *header, *header_value;   /* an additional header; NULL: none */
    struct parameter_rule parameters[6]; /* ends with a NULL name */
};

/* Returns the preset of that name, or NULL. */
const struct preset *preset_find(const char *name);

/* Returns the row at `index`, or NULL past the end. */
const struct preset *preset_at(unsigned index);

/* Returns the preset of all other providers: OpenAI-compatible, without a base_url. */
const struct preset *preset_plain(void);

#endif
