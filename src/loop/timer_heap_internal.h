/* Keeps timers in a binary heap, the earliest first. */
#ifndef PENSTOCK_LOOP_TIMER_HEAP_INTERNAL_H
#define PENSTOCK_LOOP_TIMER_HEAP_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

struct loop_timer;

struct timer_heap {
    struct loop_timer **timers; /* from 1 */
    size_t count, room;
};

/* Moves the timer to its place for `due_us`; INT64_MAX takes it out. */
void timer_heap_set(struct timer_heap *heap, struct loop_timer *timer, int64_t due_us);

/* Returns the earliest timer; NULL if there is none. */
struct loop_timer *timer_heap_first(const struct timer_heap *heap);

void timer_heap_free(struct timer_heap *heap);

#endif
