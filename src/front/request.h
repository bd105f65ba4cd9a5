/* One request as the web server passed it: its variables (RFC 3875) and its body. */
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

/* All texts are copies in the arena: they stay valid after the front has finished the request. */
struct request {
    struct front *front;
    struct arena *arena;
    const char *method, *uri, *script_name, *path_info, *content_type, *remote_addr, *query, *run;
    char id[REQUEST_ID_MAX + 1];
    const char *provider_data;            /* X-LlamaStack-Provider-Data; wiped with the arena */
    const char *traceparent, *tracestate; /* W3C Trace Context; "": none */
    bool anthropic;                       /* it is a client of Anthropic's API: it names that API's version */
    bool wants_page, upgrade;             /* it accepts HTML; it wants another protocol, as WebSocket */
    struct secret credential;             /* the client's key, empty if it sent none; wiped with the arena */
    bool key_is_malformed; /* the client sent what was meant as a key and is none; `credential` is empty */
    struct buffer body;    /* freed with the arena */
    int64_t body_read;     /* bytes of the body read so far, including dropped bytes */
    bool body_ended;       /* there is nothing more to read */
    bool client_left;      /* the client left before the end of the body */
    const char *encoding;  /* Content-Encoding; "": none */
    const char *accept;    /* after a refused coding: those that are accepted; NULL: none was refused */
    bool too_slow;         /* the body came too slowly and is no longer read */
    int64_t body_rate;     /* bytes per second that the body must come with; 0: any rate */
    int64_t body_began_us; /* clock_monotonic_us() of the first read; 0: none yet */
};

/* Copies the variables. Fails with bad_request if one is longer than limits.header; sets `id` even then. */
bool request_open(struct request *request, struct front *front, struct arena *arena,
                  const struct settings *settings, struct failure *why) MUST_CHECK;

/* Reads the whole body and decodes its Content-Encoding. Fails with unsupported_media_type for an unknown
 * coding, with bad_request if the body is shorter than announced, comes too slowly or cannot be decoded, with
 * too_large if it exceeds limits.body, decoded, or is announced to. */
bool request_read(struct request *request, const struct settings *settings, struct failure *why) MUST_CHECK;

/* Reads a body that arrives within `limit_ms`. Returns false if it is large or slow: the rest takes time. */
bool request_arrives(struct request *request, const struct settings *settings, int64_t limit_ms);

/* Fails with unsupported_media_type if the body has a coding: this one is passed on without being decoded. */
bool request_has_no_coding(struct request *request, struct failure *why) MUST_CHECK;

/* Reads up to `size` bytes of a body that is forwarded piece by piece. Returns 0 at the end of the body, -1
 * if the client has left or is too slow. */
ssize_t request_pull(struct request *request, void *bytes, size_t size);

/* Fails with bad_request and the status 408. */
bool request_reject_slow(const struct request *request, struct failure *why);

/* Reads and drops what arrives of the body within `limit_ms`. Returns true at its end. A response is written
 * before the second call: some web servers deliver it only if the body is read meanwhile, and to wait longer
 * would let a client without a key hold the worker. */
bool request_drain(struct request *request, int64_t limit_ms);

/* Returns CONTENT_LENGTH in bytes; LENGTH_UNKNOWN if it is missing, "" or 0 (some servers set "" or 0 for
 * GET); LENGTH_WRONG if it is not a number. */
int64_t request_length(const struct request *request);

/* True if the request has this method. HEAD counts as GET. */
bool request_is(const struct request *request, const char *method);
bool request_is_head(const struct request *request);

#endif
