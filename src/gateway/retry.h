/* Decides whether another attempt follows a failed attempt, and at which target. */
#ifndef PENSTOCK_GATEWAY_RETRY_H
#define PENSTOCK_GATEWAY_RETRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct failure;
struct retry_settings;

/* The attempts so far, including the failed attempt. */
struct retry_history {
    size_t attempts;           /* at all targets; at least 1 */
    size_t attempts_at_target; /* at the target that failed; at least 1 */
    size_t targets;            /* of the alias; 1 without an alias */
    size_t targets_left;       /* targets that have not been asked */
    int64_t since_failure_ms;  /* time since the first failure */
    bool has_alias;            /* the client named an alias and did not choose the model's name */
    bool client_key;           /* the provider was called with the client's own key */
    bool dead_connection; /* a kept connection was dead, so the provider may never have seen the request */
    bool held;            /* content was held back, so the answer has been paid for */
    uint16_t random;      /* for the jitter */
};

enum retry_action {
    RETRY_NOT,              /* the failure is final */
    RETRY_FRESH_CONNECTION, /* the same target, at once */
    RETRY_SAME_TARGET,      /* after `wait_ms` */
    RETRY_NEXT_TARGET,      /* at once; there may be no next target */
    RETRY_LARGER_TARGET     /* at once: the next target with a larger context */
};

struct retry_decision {
    enum retry_action action;
    int64_t wait_ms;
    bool same_if_none; /* RETRY_NEXT_TARGET: if no next target can be asked, the same one, after `wait_ms` */
};

/* Applies the retry rules of the contract, section 8. The client must have seen nothing of the failure. */
struct retry_decision retry_decide(const struct retry_settings *rules, const struct failure *failure,
                                   const struct retry_history *history);

#endif
