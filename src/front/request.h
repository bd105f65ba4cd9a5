/* One request as the web server handed it over. */
#ifndef PENSTOCK_FRONT_REQUEST_H
#define PENSTOCK_FRONT_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/base.h"
#include "base/buffer.h"
#include "base/secret.h"

struct arena;
struct failure;
struct front;
struct settings;

#define REQUEST_ID_MAX 128
#define LENGTH_UNKNOWN (-1)
#define LENGTH_WRONG (-2)

/* Everything is copied out of the server's variables: it holds after the answer has ended. */
struct request {
    struct front *front;
    struct arena *arena;
    const char *method, *uri, *script_name, *path_info, *content_type, *remote_addr, *query, *run;
    char id[REQUEST_ID_MAX + 1];
    const char *provider_data; /* X-LlamaStack-Provider-Data; wiped with the arena */
    struct secret credential;  /* the key that the client showed; empty: none. Wiped with the arena */
    struct buffer body;        /* freed with the arena */
    int64_t taken;             /* bytes of the body so far, those that were dropped included */
    bool ended;                /* the body: nothing more is to be read */
    bool client_left;          /* in the middle of it */
};

/* Takes the variables; bad_request for one over limits.header. The id is there in any case. */
bool request_open(struct request *request, struct front *front, struct arena *arena,
                  const struct settings *settings, struct failure *why) MUST_CHECK;

/* Reads the body, to its end whatever comes of it: else the server could not deliver our answer. bad_request
 * when it is shorter than announced; too_large over limits.body. */
bool request_read(struct request *request, const struct settings *settings, struct failure *why) MUST_CHECK;

/* For a body that passes without being held: up to `size` bytes of it; 0 at its end, -1 when the client broke
 * off. */
ssize_t request_pull(struct request *request, void *bytes, size_t size);

/* Reads on and drops what is left of the body, up to a bound, for the same reason. */
void request_drop(struct request *request, const struct settings *settings);

/* Of the body, in bytes; LENGTH_UNKNOWN: the server did not say, said "" or 0 (on GET), which means the same
 * to us; LENGTH_WRONG: what it said is no number. */
int64_t request_length(const struct request *request);

/* Is this the method, HEAD counting as GET? */
bool request_is(const struct request *request, const char *method);
bool request_is_head(const struct request *request);

#endif
