/* The client's data for its provider, from the header X-LlamaStack-Provider-Data. */
#ifndef PENSTOCK_PROVIDER_PROVIDER_DATA_H
#define PENSTOCK_PROVIDER_PROVIDER_DATA_H

#include <stddef.h>

#include "base/secret.h"

struct arena;
struct name_value;
struct provider_settings;

struct provider_data {
    struct secret key;          /* the client's own key at this provider; empty: none */
    struct name_value *headers; /* headers to forward, each name once */
    size_t header_count;
};

/* Reads the header's value, a JSON object ("": none was sent): "NAME_api_key" if the provider's client_keys
 * is set, and the members that its forward_headers names. A value that is not JSON, and members that are not
 * strings, are ignored. The result lives as long as the arena, and is wiped with it. */
struct provider_data provider_data_read(const char *value, const struct provider_settings *provider,
                                        struct arena *arena);

#endif
