/* One request as the web server handed it over. */
#ifndef REQUEST_H
#define REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attributes.h"
#include "buffer.h"
#include "secret.h"

struct arena;
struct failure;
struct front;
struct settings;

#define REQUEST_ID_MAX 128

/* Everything is copied out of the server's variables: it holds after the answer has ended. */
struct request {
    struct front *front;
    struct arena *arena;
    const char *method, *uri, *script_name, *path_info, *content_type, *remote_addr;
    char id[REQUEST_ID_MAX + 1];
    const char *provider_data; /* X-LlamaStack-Provider-Data; wiped with the arena */
    struct secret credential; /* the key that the client showed; empty: none. Wiped with the arena */
    struct buffer body;       /* freed with the arena */
    bool client_left;         /* in the middle of the body */
};

/* Reads the variables and the body, to its end whatever comes of it: else the server could not deliver our
 * answer. bad_request for a variable over limits.header, a body shorter than announced; too_large for one
 * over limits.body. The id is there in any case. */
bool request_read(struct request *request, struct front *front, struct arena *arena,
                  const struct settings *settings, struct failure *why) MUST_CHECK;

/* Is this the method, HEAD counting as GET? */
bool request_is(const struct request *request, const char *method);
bool request_is_head(const struct request *request);

#endif
