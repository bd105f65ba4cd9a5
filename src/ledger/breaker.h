/* Circuit breakers of providers and cool-downs of their models: the state and its rules. */
#ifndef PENSTOCK_LEDGER_BREAKER_H
#define PENSTOCK_LEDGER_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct breaker_settings;
struct failure;

/* Times are of the wall clock, in microseconds since 1970: other processes use them, and later ones. */

/* Zeros: closed. Changed by one process at a time. */
struct breaker {
    int64_t opened_us; /* 0: closed */
    int64_t probe_us;  /* when the probe began that has no result yet; 0: there is none */
    int32_t failures;  /* consecutive */
};

/* May a request go to the provider? If not, `*left_us` is how long it has to wait. Changes nothing: where the
 * breaker is open, breaker_take() decides. */
bool breaker_lets(const struct breaker *breaker, const struct breaker_settings *rules, int64_t now_us,
                  int64_t *left_us);

/* The same for a request that is about to be sent: the first one after an open breaker's time becomes its
 * probe. A probe without a result gives way to another after that time. */
bool breaker_take(struct breaker *breaker, const struct breaker_settings *rules, int64_t now_us,
                  int64_t *left_us);

/* The result of a request. */
enum breaker_news {
    BREAKER_SERVED,  /* the provider answered it */
    BREAKER_REFUSED, /* the provider works, and refused it */
    BREAKER_FAILED,  /* 5xx, timeouts, transport: counts */
    BREAKER_UNKNOWN  /* the gateway did not wait for the result */
};

/* What a failure says about the provider; FAILURE_NONE: it served. */
enum breaker_news breaker_judge(const struct failure *failure);

/* Takes in the result of the probe or of any other request; false: nothing changes. While the breaker is open
 * only the probe's result counts, because the other requests were sent before it opened. */
bool breaker_hear(struct breaker *breaker, const struct breaker_settings *rules, enum breaker_news news,
                  bool probe, int64_t now_us);

/* A model gets no requests from one time to the other. */
struct cooldown {
    int64_t since_us, until_us;
};

void cooldown_set(struct cooldown *cooldown, int64_t now_us, int64_t delay_ms);

/* How long it still lasts; 0: it is over. A clock that is set back ends it. */
int64_t cooldown_left_us(const struct cooldown *cooldown, int64_t now_us);

#endif
