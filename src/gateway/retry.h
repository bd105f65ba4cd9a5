/* Decides what follows a failed attempt: another one, and where, or the failure is final. */
#ifndef PENSTOCK_GATEWAY_RETRY_H
#define PENSTOCK_GATEWAY_RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct retry_settings;

/* What happened so far, the failed attempt included. */
struct retry_history {
    size_t attempts;           /* in all; at least 1 */
    size_t attempts_at_target; /* at the target that failed; at least 1 */
    int64_t since_failure_ms;  /* since the first failure */
    bool has_alias;            /* the client named an alias: it did not choose the model's name */
    bool client_key;           /* the provider was called with the client's own key */
    bool dead_connection;      /* a kept connection was dead: the provider may never have seen the request */
    uint16_t random;           /* for the jitter */
};

enum retry_action {
    RETRY_NOT,              /* the failure is final */
    RETRY_FRESH_CONNECTION, /* the same target, at once */
    RETRY_SAME_TARGET,      /* after `wait_ms` */
    RETRY_NEXT_TARGET,      /* at once; there may be none */
    RETRY_LARGER_TARGET     /* at once: the next one with a larger context than this one */
};

struct retry_decision {
    enum retry_action action;
    int64_t wait_ms;
};

/* Contract, section 8, for a failure of which the client has seen nothing. */
struct retry_decision retry_decide(const struct retry_settings *rules, const struct failure *failure,
                                   const struct retry_history *history);

#endif
