/* Converts requests and answers between any two dialects. */
#ifndef CONVERSION_KIT_H
#define CONVERSION_KIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"
#include "config/api.h"
#include "format/json.h"
#include "protocol/provider_facts.h"
#include "usage/token_usage.h"

struct arena;

/* A pair of dialects, and what is known of the provider. */
struct pair {
    struct arena *arena;
    enum api client, provider;
    struct provider_facts facts;
    const char *request; /* the client's, for answers; NULL: an empty one */
    struct token_usage usage;
    struct failure why; /* of the last conversion that returned NULL */
};

/* Begins with an arena of its own, which pair_close() frees with all results. */
struct pair pair_open(enum api client, enum api provider);
void pair_close(struct pair *pair);

/* Return a text, or NULL and pair->why. */
const char *pair_request(struct pair *pair, const char *request);
const char *pair_body(struct pair *pair, const char *body);

/* Converts the frames (the last one is followed by NULL) and the end of a stream. */
const char *pair_stream(struct pair *pair, const char *const *frames);

/* Reads JSON that must be valid. */
struct json_value parsed(const char *text);

/* Complain if the request is converted to anything else, or is not refused with this param. */
void expect_request(enum api client, enum api provider, const char *request, const char *wanted);
void expect_request_refused(enum api client, enum api provider, const char *request, const char *param);

/* Returns the data of the stream's events without their random parts, one a line. */
const char *masked_events(struct arena *arena, const char *stream);

#endif
