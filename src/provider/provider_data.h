/* The client's data for its provider, from the header X-LlamaStack-Provider-Data. */
#ifndef PENSTOCK_PROVIDER_PROVIDER_DATA_H
#define PENSTOCK_PROVIDER_PROVIDER_DATA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "base/secret.h"

struct arena;
struct failure;
struct name_value;
struct provider_settings;

struct provider_data {
    struct secret key;          /* the client's own key at this provider; empty: none */
    struct name_value *headers; /* headers to forward, each name once */
    size_t header_count, header_capacity;
    size_t secret_count; /* the first headers come from the JSON object and may be keys */
};

#define PROVIDER_DATA_HEADER "X-LlamaStack-Provider-Data"

/* Reads the header's value, a JSON object ("": none was sent): "NAME_api_key" if the provider's client_keys
 * is set, and the members that its forward_headers names. Fails with bad_request if a key is malformed or
 * given twice, or if the provider takes keys and the value is not a JSON object: the configured key must not
 * pay for a client that has brought its own. Other members that are not strings are ignored. The result lives
 * as long as the arena, and is wiped with it. */
bool provider_data_read(const char *value, const struct provider_settings *provider, struct arena *arena,
                        struct provider_data *data, struct failure *why) MUST_CHECK;

/* Adds a copy of a header without control characters, unless there is one of that name or the value is longer
 * than 8 KiB. */
void provider_data_add(struct provider_data *data, struct arena *arena, const char *name, const char *value);

/* True if the header's value has a member for a key of the provider, whatever its value. */
bool provider_data_has_key(const char *value, const struct provider_settings *provider);

#define PROVIDER_KEY_MEMBER_SIZE 128

/* Writes the name of the member that holds a key for the provider: "my_own_api_key" for "my-own". */
void provider_data_key_member(const struct provider_settings *provider,
                              char member[static PROVIDER_KEY_MEMBER_SIZE]);

#endif
