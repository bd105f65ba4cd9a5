/* Circuit breakers of providers and cool-downs of their models: the state and its rules. */
#ifndef PENSTOCK_LEDGER_BREAKER_H
#define PENSTOCK_LEDGER_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct breaker_settings;
struct failure;

/* Times are wall clock times in microseconds since 1970, because other and later processes use them. */

/* All zeros: the breaker is closed. One process at a time changes it. */
struct breaker {
    int64_t opened_us; /* 0: closed */
    int64_t probe_us;  /* when the pending probe began; 0: no probe is pending */
    int32_t failures;  /* consecutive */
};

/* Returns true if a request may go to the provider. Otherwise `*left_us` is how long the request has to
 * wait. Changes nothing: if the breaker is open, breaker_take() decides. */
bool breaker_lets(const struct breaker *breaker, const struct breaker_settings *rules, int64_t now_us,
                  int64_t *left_us);

/* As breaker_lets(), for a request that is about to be sent. The first request after the open time becomes
 * the probe of the breaker. If the probe has no result after that time, another request becomes the probe. */
bool breaker_take(struct breaker *breaker, const struct breaker_settings *rules, int64_t now_us,
                  int64_t *left_us);

/* The result of a request. */
enum breaker_news {
    BREAKER_SERVED,  /* the provider answered the request */
    BREAKER_REFUSED, /* the provider works but refused the request */
    BREAKER_FAILED,  /* 5xx, timeout or transport error: counts */
    BREAKER_UNKNOWN  /* the gateway did not wait for the result */
};

/* Returns what a failure means for the breaker of the provider. FAILURE_NONE means BREAKER_SERVED. */
enum breaker_news breaker_judge(const struct failure *failure);

/* Applies the result of the probe or of any other request. Returns false if nothing changes. While the
 * breaker is open only the probe's result counts, because the other requests were sent before it opened. */
bool breaker_hear(struct breaker *breaker, const struct breaker_settings *rules, enum breaker_news news,
                  bool probe, int64_t now_us);

/* A model gets no requests between these two times. */
struct cooldown {
    int64_t since_us, until_us;
};

void cooldown_set(struct cooldown *cooldown, int64_t now_us, int64_t delay_ms);

/* Returns how long the cool-down still lasts, 0 if it is over. Setting the clock back ends a cool-down. */
int64_t cooldown_left_us(const struct cooldown *cooldown, int64_t now_us);

#endif
