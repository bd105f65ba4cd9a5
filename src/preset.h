/* What is known of a provider by its name: a table, one row each. */
#ifndef PRESET_H
#define PRESET_H

#include <stdbool.h>
#include <stdint.h>

/* What happens to one member of a request's top level on its way to the provider. */
struct parameter_rule {
    const char *name;
    enum { PARAMETER_DROP, PARAMETER_RENAME, PARAMETER_SET } action;
    const char *value; /* rename: the new name; set: JSON text */
};

struct preset {
    const char *name; /* in [a-z0-9-] */
    const char *base_url;
    const char *key_variable; /* environment variable that holds the key; NULL: none */
    bool key_needed;          /* without a key the provider is not usable */
    bool stream_usage;        /* knows stream_options.include_usage */
    int64_t first_byte_ms;    /* 0: the general default */
    struct parameter_rule parameters[6]; /* ends with a NULL name */
};

/* The preset of that name, or NULL. */
const struct preset *preset_find(const char *name);

/* The rows in order, NULL past the end. */
const struct preset *preset_at(unsigned index);

/* What holds for a provider that is no preset: OpenAI-compatible, base_url to be given. */
const struct preset *preset_plain(void);

#endif
