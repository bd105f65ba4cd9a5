/* Whole numbers from those with a fraction, which are not negative.
 *
 * ceil() and llround() are in a library of their own, libm, that each process would load for them alone. */
#ifndef PENSTOCK_BASE_ROUND_H
#define PENSTOCK_BASE_ROUND_H

#include <stdint.h>

static inline int64_t round_up(double number) /* that is not smaller */
{
    int64_t below = (int64_t)number;
    return below + ((double)below < number);
}

static inline int64_t round_nearest(double number)
{
    int64_t below = (int64_t)number;
    return below + (number - (double)below >= 0.5);
}

#endif
