/* Keeps timers in a binary heap, the earliest first. */
#include "loop/timer_heap_internal.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/memory.h"
#include "loop/loop.h"

static void put(struct timer_heap *heap, size_t place, struct loop_timer *timer)
{
    heap->timers[place] = timer;
    timer->place = place;
}

/* Moves the timer towards the top or the bottom of the heap, until it is in order. */
static void sift(struct timer_heap *heap, struct loop_timer *timer)
{
    size_t place = timer->place;
    while (place > 1 && heap->timers[place / 2]->due_us > timer->due_us) {
        put(heap, place, heap->timers[place / 2]);
        place /= 2;
    }
    for (size_t child = place * 2; child <= heap->count; child = place * 2) {
        if (child < heap->count && heap->timers[child + 1]->due_us < heap->timers[child]->due_us)
            child++;
        if (heap->timers[child]->due_us >= timer->due_us)
            break;
        put(heap, place, heap->timers[child]);
        place = child;
    }
    put(heap, place, timer);
}

static void add(struct timer_heap *heap, struct loop_timer *timer)
{
    if (heap->count + 1 >= heap->room) {
        heap->room = heap->room ? heap->room * 2 : 64;
        heap->timers = memory_resize(heap->timers, heap->room, sizeof(struct loop_timer *));
    }
    put(heap, ++heap->count, timer);
}

static void take_out(struct timer_heap *heap, struct loop_timer *timer)
{
    struct loop_timer *last = heap->timers[heap->count--];
    size_t place = timer->place;
    timer->place = 0;
    if (last == timer)
        return;
    put(heap, place, last);
    sift(heap, last);
}

void timer_heap_set(struct timer_heap *heap, struct loop_timer *timer, int64_t due_us)
{
    timer->due_us = due_us;
    if (due_us == INT64_MAX) {
        if (timer->place)
            take_out(heap, timer);
        return;
    }
    if (!timer->place)
        add(heap, timer);
    sift(heap, timer);
}

struct loop_timer *timer_heap_first(const struct timer_heap *heap)
{
    return heap->count ? heap->timers[1] : NULL;
}

void timer_heap_free(struct timer_heap *heap)
{
    free(heap->timers);
}
