/* Chooses the headers of the client's request that go to a provider. */
#ifndef PENSTOCK_PROVIDER_CLIENT_HEADERS_H
#define PENSTOCK_PROVIDER_CLIENT_HEADERS_H

#include <stdbool.h>

struct arena;
struct front;
struct provider_data;
struct provider_settings;
struct trace_context;

/* Adds to `data`, unless it has a header of the same name: the headers of the dialects and of retries, and
 * those that the provider's forward_headers names. No other header goes to a provider: cookies, addresses and
 * logins are none of its business. The credential of the gateway is never among them. A converted request has
 * nothing of what the headers of its client's dialect speak of, so these stay here. */
void client_headers_take(struct front *front, const struct provider_settings *provider, bool is_converted,
                         struct arena *arena, struct provider_data *data);

/* Adds traceparent with our own span, and tracestate ("": none) if it is valid. */
void client_headers_take_trace(const struct trace_context *trace, const char *state, struct arena *arena,
                               struct provider_data *data);

/* Adds the headers that say what the request's body is and which part of the answer is wanted. */
void client_headers_take_content(struct front *front, const char *content_type, struct arena *arena,
                                 struct provider_data *data);

#endif
