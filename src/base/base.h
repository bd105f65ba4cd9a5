/* What every module may use: compiler attributes, lists of texts, minimum and maximum, rounding. */
#ifndef PENSTOCK_BASE_BASE_H
#define PENSTOCK_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* For every function that can fail: the caller must check the result. */
#define MUST_CHECK __attribute__((warn_unused_result))
/* A format string and its arguments, checked as printf's are; positions count from 1. */
#define PRINTF_LIKE(template, first) __attribute__((format(printf, template, first)))

/* The most targets of an alias, and the most attempts of one exchange: each target may be asked twice if its
 * connection was dead. A usage record holds no more. */
#define TARGETS_MAX 16
#define ATTEMPTS_MAX (2 * TARGETS_MAX)

/* Lists as settings hold them. */
struct string_list {
    size_t count;
    char **items;
};

struct name_value {
    char *name, *value;
};

struct name_value_list {
    size_t count;
    struct name_value *items;
};

static inline int64_t min_int64(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

static inline int64_t max_int64(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

static inline size_t min_size(size_t one, size_t other)
{
    return one < other ? one : other;
}

static inline size_t max_size(size_t one, size_t other)
{
    return one > other ? one : other;
}

static inline double max_double(double one, double other)
{
    return one > other ? one : other;
}

/* Unlike isdigit(), accepts any char and ignores the locale. */
static inline bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Rounds numbers that are not negative to integers. ceil() and llround() would do the same, but every process
 * would load libm for them alone. */
static inline int64_t round_up(double number)
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
