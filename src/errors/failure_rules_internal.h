/* The types of the tables of rules, which failure_judge.c reads. */
#ifndef PENSTOCK_ERRORS_FAILURE_RULES_INTERNAL_H
#define PENSTOCK_ERRORS_FAILURE_RULES_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/failure.h"

/* Classes of statuses, as bits. */
enum status_class {
    BAD_REQUEST = 1 << 0,       /* 400 413 415 422 */
    UNAUTHORIZED = 1 << 1,      /* 401 */
    PAYMENT_REQUIRED = 1 << 2,  /* 402 */
    FORBIDDEN = 1 << 3,         /* 403 */
    NOT_FOUND = 1 << 4,         /* 404 410 */
    TOO_MANY_REQUESTS = 1 << 5, /* 429 */
    INTERNAL_ERROR = 1 << 6,    /* 500 501 */
    UNAVAILABLE = 1 << 7,       /* 502 503 504 and the 52x of an edge */
    UNCOMMON = 1 << 8,          /* any other status */
    SUCCESS = 1 << 9,           /* an error under a 2xx that names no status of its own */
    ANY_STATUS = (1 << 10) - 1,
    AMBIGUOUS = BAD_REQUEST | FORBIDDEN | UNCOMMON | SUCCESS /* providers use these for every kind of error */
};

enum rule_match { IN_CODE, IN_SENTENCE, EMPTY_BODY, HTML_BODY, PLAIN_BODY, NAMED_PARAM };
enum rule_retry { BY_STATUS, NEVER, LATER }; /* a rule's decision about retrying */

/* Conditions of a rule, as bits. */
enum rule_condition {
    NO_DELAY = 1 << 0,                  /* the answer has no retry delay */
    NO_SHORT_DELAY = 1 << 1,            /* ... or one of an hour and more */
    NO_SHORT_PERIOD = 1 << 2,           /* the answer does not name a limit per minute, second or hour */
    NO_PARAM = 1 << 3,                  /* the answer names no parameter other than the model */
    NO_PASSING = 1 << 4,                /* the answer does not say that its cause passes, as a load does */
    NO_PASSING_IF_UNAVAILABLE = 1 << 5, /* ... and is no HTML, if its status is of the class UNAVAILABLE */
    NO_MODEL = 1 << 6                   /* the answer does not speak of a model */
};

struct failure_rule {
    unsigned statuses; /* enum status_class */
    enum rule_match match;
    const char *provider;        /* NULL: every provider */
    unsigned only_if;            /* enum rule_condition; 0: always */
    const char *const *patterns; /* failure_pattern.h; ends with NULL; NULL where `match` needs none */
    enum failure_reason reason;
    enum rule_retry retry;
};

/* The meaning of a status if no rule applies. */
struct status_rule {
    int status; /* 0: no answer came */
    unsigned class;
    enum failure_reason reason;
    enum failure_category category;
    bool retryable;
};

struct failure_rule_list {
    const struct failure_rule *rules;
    size_t count;
};

/* In the order in which they apply: specific codes, sentences, codes that providers use loosely. */
extern const struct failure_rule_list failure_code_rules, failure_account_rules, failure_money_rules,
    failure_access_rules, failure_request_rules, failure_loose_rules;

/* The words that NO_SHORT_PERIOD and NO_PASSING mean. */
extern const char *const short_period_patterns[], *const passing_patterns[];

extern const struct status_rule status_rules[];
extern const size_t status_rule_count;

#define PATTERNS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define RULE_LIST(rules)                                                                                     \
    {                                                                                                        \
        rules, sizeof(rules) / sizeof *(rules)                                                               \
    }

#endif
