/* Chooses the headers of the client's request that go to a provider. */
#include "provider/client_headers.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "config/settings_types.h"
#include "format/trace_context.h"
#include "front/front.h"
#include "provider/provider_data.h"

#define VARIABLE_SIZE 128

/* With the variables of the web server, so that no request has to make them. */
static const struct {
    const char *header, *variable;
} passed[] = {
    {"idempotency-key", "HTTP_IDEMPOTENCY_KEY"},
    {"anthropic-version", "HTTP_ANTHROPIC_VERSION"},
    {"anthropic-beta", "HTTP_ANTHROPIC_BETA"},
    {"openai-beta", "HTTP_OPENAI_BETA"},
};
#define OF_NO_DIALECT 1 /* the first ones */

/* These headers have the client's key for the gateway, or keys of other providers. */
static bool is_credential(const char *name)
{
    static const char *const credentials[] = {"Authorization", "X-Api-Key", PROVIDER_DATA_HEADER,
                                              "X-OGX-Provider-Data"};
    for (size_t i = 0; i < sizeof credentials / sizeof *credentials; i++)
        if (strcasecmp(name, credentials[i]) == 0)
            return true;
    return false;
}

/* Returns the value of a header, which the web server sets as a variable (RFC 3875, 4.1.18); NULL: none. */
static const char *value_of(struct front *front, const char *header)
{
    char name[VARIABLE_SIZE] = "HTTP_";
    size_t length = strlen(name);
    if (strlen(header) >= sizeof name - length)
        return NULL;
    for (const char *at = header; *at; at++)
        name[length++] = *at == '-' ? '_' : (char)toupper((unsigned char)*at);
    return front->ops->variable(front, name);
}

static void take(struct provider_data *data, struct arena *arena, const char *header, const char *value)
{
    if (value && *value && !is_credential(header))
        provider_data_add(data, arena, header, value);
}

void client_headers_take(struct front *front, const struct provider_settings *provider, bool is_converted,
                         struct arena *arena, struct provider_data *data)
{
    size_t count = is_converted ? OF_NO_DIALECT : sizeof passed / sizeof *passed;
    for (size_t i = 0; i < count; i++)
        take(data, arena, passed[i].header, front->ops->variable(front, passed[i].variable));
    for (size_t i = 0; i < provider->forward_headers.count; i++) {
        const char *header = provider->forward_headers.items[i].value;
        take(data, arena, header, value_of(front, header));
    }
}

void client_headers_take_content(struct front *front, const char *content_type, struct arena *arena,
                                 struct provider_data *data)
{
    static const char *const names[] = {"Accept",
                                        "Content-Encoding",
                                        "Range",
                                        "If-Range",
                                        "If-Match",
                                        "If-None-Match",
                                        "If-Modified-Since",
                                        "If-Unmodified-Since"};
    if (*content_type)
        provider_data_add(data, arena, "Content-Type", content_type);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        take(data, arena, names[i], value_of(front, names[i]));
}

void client_headers_take_trace(const struct trace_context *trace, const char *state, struct arena *arena,
                               struct provider_data *data)
{
    char parent[TRACEPARENT_SIZE];
    trace_context_write(trace, parent);
    provider_data_add(data, arena, "traceparent", parent);
    if (trace_state_is_valid(state))
        provider_data_add(data, arena, "tracestate", state);
}
