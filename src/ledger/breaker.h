/* Circuit breakers and cool-downs: the state and its rules. */
#ifndef PENSTOCK_LEDGER_BREAKER_H
#define PENSTOCK_LEDGER_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/process_identity.h"

struct breaker_settings;
struct failure;

/* Times are wall clock times in microseconds since 1970, because other and later processes use them. All
 * structs are plain data without padding; all zeros: closed, no cool-down, no probe. One process at a time
 * changes them. */

/* The one request that finds out whether the target accepts requests again. */
struct probe {
    int64_t since_us; /* 0: no probe is pending */
    struct process_identity process;
};

struct breaker {
    int64_t opened_us; /* 0: closed */
    int64_t failures;  /* consecutive */
    struct probe probe;
};

/* What a process needs to judge the state. */
struct breaker_view {
    const struct breaker_settings *rules;
    const struct process_identity *own;
    int64_t now_us;
};

/* Returns true if a request may go to the target. Otherwise `*left_us` is how long the request has to wait.
 * Changes nothing: if the breaker is open, breaker_take() decides. */
bool breaker_lets(const struct breaker *breaker, const struct breaker_view *view, int64_t *left_us);

/* As breaker_lets(), for a request that is about to be sent. The first request after the open time becomes
 * the probe of the breaker. Another request becomes the probe if the probe's process is dead, or if the probe
 * has no result after rules->longest_ms. */
bool breaker_take(struct breaker *breaker, const struct breaker_view *view, int64_t *left_us);

/* The result of a request. */
enum breaker_news {
    BREAKER_UNKNOWN, /* the result says nothing about the target */
    BREAKER_SERVED,  /* the target answered the request */
    BREAKER_BEGUN,   /* the target has begun to answer */
    BREAKER_REFUSED, /* the target works but refused the request */
    BREAKER_FAILED   /* counts */
};

/* Returns what a result means for the breaker of the provider and for that of its model. `reached` is false
 * if no connection to the provider was made. FAILURE_NONE means that the target answered. */
enum breaker_news breaker_judge_provider(const struct failure *failure, bool reached);
enum breaker_news breaker_judge_model(const struct failure *failure, bool reached);

/* Applies the result of the probe or of any other request. Returns false if nothing changes. While the
 * breaker is open only the probe's result counts, because the other requests were sent before it opened. */
bool breaker_hear(struct breaker *breaker, const struct breaker_view *view, enum breaker_news news,
                  bool probe);

/* A target gets no requests from `since_us` to `until_us`. If the provider asked for more time than
 * rules->longest_ms, one request at a time may look from then until `asked_us`. */
struct cooldown {
    int64_t since_us, until_us, asked_us;
    struct probe look;
};

void cooldown_set(struct cooldown *cooldown, const struct breaker_view *view, int64_t delay_ms);

/* As the functions for breakers. Setting the clock back ends a cool-down. */
bool cooldown_lets(const struct cooldown *cooldown, const struct breaker_view *view, int64_t *left_us);
bool cooldown_take(struct cooldown *cooldown, const struct breaker_view *view, int64_t *left_us);

/* Applies the result of the request that looked, other than a new delay. Returns false if nothing changes. */
bool cooldown_hear(struct cooldown *cooldown, enum breaker_news news);

#endif
