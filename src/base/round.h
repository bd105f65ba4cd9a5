/* Whole numbers from those with a fraction, which are not negative.
 *
 * ceil() and llround() are in a library of their own, libm, that each process would load for them alone. */
#ifndef WHOLE_H
#define WHOLE_H

#include <stdint.h>

static inline int64_t whole_least(double number) /* that is not smaller */
{
    int64_t below = (int64_t)number;
    return below + ((double)below < number);
}

static inline int64_t whole_nearest(double number)
{
    int64_t below = (int64_t)number;
    return below + (number - (double)below >= 0.5);
}

#endif
