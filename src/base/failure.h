/* A failure, in the one form that reaches the client, the error log and the usage record. */
#ifndef PENSTOCK_BASE_FAILURE_H
#define PENSTOCK_BASE_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

/* clang-format off */
/* The cause; the order is that of the table in failure.c, the names those of the contract. */
enum failure_reason {
    FAILURE_NONE,
    /* of the provider */
    FAILURE_AUTHENTICATION, FAILURE_PERMISSION, FAILURE_MODEL_NOT_FOUND, FAILURE_INVALID_REQUEST,
    FAILURE_CONTEXT_LENGTH, FAILURE_CONTENT_FILTER, FAILURE_RATE_LIMIT, FAILURE_QUOTA_EXHAUSTED,
    FAILURE_OVERLOADED, FAILURE_UPSTREAM_5XX, FAILURE_BAD_RESPONSE, FAILURE_OTHER,
    /* of the network */
    FAILURE_TIMEOUT, FAILURE_CONNECT, FAILURE_DNS, FAILURE_TLS, FAILURE_UPSTREAM_CUT,
    /* our own */
    FAILURE_BAD_REQUEST, FAILURE_NOT_FOUND, FAILURE_METHOD_NOT_ALLOWED, FAILURE_TOO_LARGE,
    FAILURE_UNSUPPORTED_MEDIA_TYPE, FAILURE_UNAUTHORIZED, FAILURE_FORBIDDEN, FAILURE_UNAVAILABLE,
    FAILURE_RUN_BLOCKED,   /* the run has reached its error limit; its cost limit gives a 429 */
    FAILURE_LIMIT_REACHED, /* a limit of the client's */
    FAILURE_SETTING,       /* an error in the configuration; never reaches a client */
    FAILURE_REASONS
};

enum failure_category { CATEGORY_AUTHENTICATION, CATEGORY_REQUEST, CATEGORY_MODEL_NOT_FOUND,
                        CATEGORY_RATE_LIMIT, CATEGORY_TRANSIENT, CATEGORY_PROVIDER };
/* clang-format on */

enum failure_source { SOURCE_GATEWAY, SOURCE_PROVIDER, SOURCE_NETWORK };

#define FAILURE_MESSAGE_SIZE 832 /* 200 code points of 4 bytes, and some for settings' paths */
#define FAILURE_WORD_SIZE 128

struct failure {
    enum failure_reason reason;
    enum failure_category category;
    enum failure_source source;
    int status;             /* HTTP status for the client */
    int provider_status;    /* 0: no answer came */
    bool retryable;         /* would the same request help later? */
    int64_t retry_after_ms; /* -1: unknown */
    char message[FAILURE_MESSAGE_SIZE];
    char type[FAILURE_WORD_SIZE], param[FAILURE_WORD_SIZE], code[FAILURE_WORD_SIZE]; /* "": none */
};

/* What a reason means unless the place that makes the failure knows better. */
struct failure_defaults {
    const char *name; /* the contract's word for the reason */
    int status;       /* HTTP status for the client */
    enum failure_category category;
    enum failure_source source;
    bool retryable;
    const char *type, *code; /* what an OpenAI client expects if the provider gave none */
};

const struct failure_defaults *failure_defaults(enum failure_reason reason);

/* Fills `why` (may be NULL) with the defaults of `reason` and a message. Always false, for `return
 * fail(...)`. */
bool fail(struct failure *why, enum failure_reason reason, const char *format, ...) PRINTF_LIKE(3, 4);

/* The contract's words for a reason ("model_not_found"), a category and a source. Static. */
const char *failure_reason_name(enum failure_reason reason);
const char *failure_category_name(enum failure_category category);
const char *failure_source_name(enum failure_source source);

#endif
