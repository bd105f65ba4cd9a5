/* How long the beginning of a stream is kept back, so that another provider could still take over unseen. */
#ifndef PENSTOCK_RELAY_HOLD_H
#define PENSTOCK_RELAY_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hold {
    int64_t bytes, ms; /* as settings_shape.h has them; both 0: up to the first content */
    int64_t since_us;  /* when there was something to keep back; 0: not yet */
};

/* Notes that the answer has content from now on. */
void hold_begin(struct hold *hold, int64_t now_us);

/* May what was kept back, `length` bytes, leave? */
bool hold_is_over(const struct hold *hold, size_t length, int64_t now_us);

/* When time alone will end it; INT64_MAX: never. */
int64_t hold_due_us(const struct hold *hold);

#endif
