/* Whether a provider is to be left alone for a while: its circuit breaker, and cool-downs of its models. */
#ifndef PENSTOCK_LEDGER_BREAKER_H
#define PENSTOCK_LEDGER_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct breaker_settings;
struct failure;

/* All times are of the wall clock, in microseconds: they are for other processes too, and outlive them. */

/* Zeros: closed. One process at a time changes it. */
struct breaker {
    int64_t opened_us; /* 0: it is closed */
    int64_t probe_us;  /* when the probe that is under way began; 0: none is */
    int32_t failures;  /* one after the other */
};

/* May a request go to the provider? `*left_us`: if not, how long it has to wait. The breaker is left as it
 * is; a probe has to be taken by breaker_take(). */
bool breaker_lets(const struct breaker *breaker, const struct breaker_settings *rules, int64_t now_us,
                  int64_t *left_us);

/* The same for the one who is about to ask: the first one after an open breaker's time becomes its probe. A
 * probe that nobody hears of again gives way after that time. */
bool breaker_take(struct breaker *breaker, const struct breaker_settings *rules, int64_t now_us,
                  int64_t *left_us);

/* What became of a request. */
enum breaker_news {
    BREAKER_SERVED,  /* it was answered */
    BREAKER_REFUSED, /* it was not, but by a provider that works */
    BREAKER_FAILED,  /* 5xx, timeouts, transport: counts */
    BREAKER_UNKNOWN  /* nobody waited for it */
};

/* What a failure tells of the provider; FAILURE_NONE: it served. */
enum breaker_news breaker_judge(const struct failure *failure);

/* Takes the news in, of the probe or of any other request; false: nothing changes. Of an open breaker only
 * the probe's count: what was sent before it opened says nothing new. */
bool breaker_hear(struct breaker *breaker, const struct breaker_settings *rules, enum breaker_news news,
                  bool probe, int64_t now_us);

/* Until when a model is not to be asked. */
struct cooldown {
    int64_t since_us, until_us;
};

void cooldown_set(struct cooldown *cooldown, int64_t now_us, int64_t delay_ms);

/* How long it lasts still, 0: it is over. A clock that was set back ends it. */
int64_t cooldown_left_us(const struct cooldown *cooldown, int64_t now_us);

#endif
