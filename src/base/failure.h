/* A failure, as it is reported to the client, to the error log and in the usage record. */
#ifndef PENSTOCK_BASE_FAILURE_H
#define PENSTOCK_BASE_FAILURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

/* clang-format off */
/* The causes, in the order of the table in failure.c and with the names of the contract. */
enum failure_reason {
    FAILURE_NONE,
    /* the provider's */
    FAILURE_AUTHENTICATION, FAILURE_PERMISSION, FAILURE_MODEL_NOT_FOUND, FAILURE_INVALID_REQUEST,
    FAILURE_CONTEXT_LENGTH, FAILURE_CONTENT_FILTER, FAILURE_RATE_LIMIT, FAILURE_QUOTA_EXHAUSTED,
    FAILURE_OVERLOADED, FAILURE_UPSTREAM_5XX, FAILURE_BAD_RESPONSE, FAILURE_OTHER,
    /* the network's */
    FAILURE_TIMEOUT, FAILURE_CONNECT, FAILURE_DNS, FAILURE_TLS, FAILURE_UPSTREAM_CUT,
    /* the gateway's */
    FAILURE_BAD_REQUEST, FAILURE_NOT_FOUND, FAILURE_METHOD_NOT_ALLOWED, FAILURE_TOO_LARGE,
    FAILURE_UNSUPPORTED_MEDIA_TYPE, FAILURE_UNAUTHORIZED, FAILURE_FORBIDDEN, FAILURE_UNAVAILABLE,
    FAILURE_RUN_BLOCKED,   /* the run has reached its error limit; the cost limit results in a 429 */
    FAILURE_LIMIT_REACHED, /* the client has reached a limit */
    FAILURE_SETTING,       /* an error in the configuration; never reaches a client */
    FAILURE_REASONS
};

enum failure_category { CATEGORY_AUTHENTICATION, CATEGORY_REQUEST, CATEGORY_MODEL_NOT_FOUND,
                        CATEGORY_RATE_LIMIT, CATEGORY_TRANSIENT, CATEGORY_PROVIDER };
/* clang-format on */

enum failure_source { SOURCE_GATEWAY, SOURCE_PROVIDER, SOURCE_NETWORK };

#define FAILURE_MESSAGE_SIZE 832 /* 200 code points of 4 bytes, and room for settings' paths */
#define FAILURE_WORD_SIZE 128

struct failure {
    enum failure_reason reason;
    enum failure_category category;
    enum failure_source source;
    int status;             /* HTTP status for the client */
    int provider_status;    /* 0: no response */
    bool retryable;         /* the same request may succeed later */
    int64_t retry_after_ms; /* -1: unknown */
    char message[FAILURE_MESSAGE_SIZE];
    char type[FAILURE_WORD_SIZE], param[FAILURE_WORD_SIZE], code[FAILURE_WORD_SIZE]; /* "": none */
};

/* The defaults of a reason; the code that reports the failure may override them. */
struct failure_defaults {
    const char *name; /* the contract's name of the reason */
    int status;       /* HTTP status for the client */
    enum failure_category category;
    enum failure_source source;
    bool retryable;
    const char *type, *code; /* what an OpenAI client expects if the provider sent none */
};

const struct failure_defaults *failure_defaults(enum failure_reason reason);

/* Fills `why` (may be NULL) with the defaults of `reason` and a message. Always returns false, for `return
 * fail(...)`. */
bool fail(struct failure *why, enum failure_reason reason, const char *format, ...) PRINTF_LIKE(3, 4);

/* Return the contract's names of a reason ("model_not_found"), a category and a source. The texts are
 * static. */
const char *failure_reason_name(enum failure_reason reason);
const char *failure_category_name(enum failure_category category);
const char *failure_source_name(enum failure_source source);

#endif
