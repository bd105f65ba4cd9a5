/* What a client says to its provider beside the request: X-LlamaStack-Provider-Data. */
#ifndef PENSTOCK_PROVIDER_PROVIDER_DATA_H
#define PENSTOCK_PROVIDER_PROVIDER_DATA_H

#include <stddef.h>

#include "base/secret.h"

struct arena;
struct name_value;
struct provider_settings;

struct provider_data {
    struct secret key;          /* the client's own at this provider; empty: none */
    struct name_value *headers; /* to be sent, each name once */
    size_t header_count;
};

/* Reads the header's value, a JSON object ("": none was sent), as far as the provider's settings let it in:
 * "NAME_api_key" with client_keys, and the members that forward_headers names. What is no JSON, no key or no
 * text says nothing. All lives as long as the arena, and is wiped with it. */
struct provider_data provider_data_read(const char *value, const struct provider_settings *provider,
                                        struct arena *arena);

#endif
