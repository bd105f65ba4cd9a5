/* The tokens that a request used, and where a provider's JSON counts them. */
#ifndef PENSTOCK_USAGE_TOKEN_USAGE_H
#define PENSTOCK_USAGE_TOKEN_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "format/json.h"

struct provider_json;

enum usage_source { USAGE_NONE, USAGE_PROVIDER, USAGE_ESTIMATED };

#define TOKENS_UNKNOWN (-1)

/* Counts of tokens; TOKENS_UNKNOWN, which is not 0, where there is no count. */
struct token_usage {
    enum usage_source source;
    int64_t prompt; /* with `cached` and `cache_write` */
    int64_t completion, total, reasoning;
    int64_t cached;      /* read from the provider's cache */
    int64_t cache_write; /* written to the provider's cache, at a price of its own */
    bool cache_apart; /* the provider's count of the prompt leaves out the two, and they were added to it */
};

/* All counts unknown. */
struct token_usage token_usage_unknown(void);

/* True if the provider has counted the prompt and the completion, so that nothing has to be estimated. */
bool token_usage_is_whole(const struct token_usage *usage);

/* The word in the usage log, as "provider". */
const char *usage_source_name(enum usage_source source);

/* What a provider's JSON says about the tokens. */
enum usage_reading {
    USAGE_ABSENT, /* no counts */
    USAGE_EMPTY,  /* counts that count nothing, such as zeros: the answer's usage stays what it was */
    USAGE_PROMPT, /* counts, but none of the completion's tokens */
    USAGE_READ    /* counts of the completion, and usually all others */
};

/* Reads the counts in a response or a stream's frame, wherever the provider puts them. A later count replaces
 * an earlier one, because streams report cumulative counts; 0 never replaces a count, because some providers
 * end a stream with zeros. */
enum usage_reading token_usage_read(const struct provider_json *json, struct token_usage *usage);

/* Reads the counts in the usage object itself, in the same way. */
enum usage_reading token_usage_read_object(struct json_value object, struct token_usage *usage);

/* Resolves counts that contradict each other: more tokens of the cache than the prompt has. They were counted
 * beside the prompt if the total includes them, or if the prompt may have that many; `prompt_max` is the most
 * that it may have as far as the request shows. Otherwise they are as many as the prompt has. */
void token_usage_reconcile(struct token_usage *usage, int64_t prompt_max);

/* Adds estimated tokens of the completion to those that the provider has counted; if there are any, the usage
 * counts as estimated. */
void token_usage_add_estimate(struct token_usage *usage, int64_t tokens);

#endif
