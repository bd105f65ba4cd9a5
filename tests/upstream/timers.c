/* A binary heap of connections by due time; each knows its index, so that it can be moved. */
#include "timers.h"

#include <stdlib.h>
#include <time.h>

#include "../kit/text.h"
#include "connection.h"

static struct {
    struct connection **at; /* from 1 */
    size_t count, capacity;
} heap;

int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void put(size_t place, struct connection *connection)
{
    heap.at[place] = connection;
    connection->timer_place = place;
}

static void rise(size_t place, struct connection *connection)
{
    for (; place > 1 && heap.at[place / 2]->due_us > connection->due_us; place /= 2)
        put(place, heap.at[place / 2]);
    put(place, connection);
}

static void sink(size_t place, struct connection *connection)
{
    for (size_t child; (child = place * 2) <= heap.count; place = child) {
        if (child < heap.count && heap.at[child + 1]->due_us < heap.at[child]->due_us)
            child++;
        if (heap.at[child]->due_us >= connection->due_us)
            break;
        put(place, heap.at[child]);
    }
    put(place, connection);
}

void timers_clear(struct connection *connection)
{
    size_t place = connection->timer_place;
    if (!place)
        return;
    connection->timer_place = 0;
    struct connection *last = heap.at[heap.count--];
    if (last == connection)
        return;
    rise(place, last);
    sink(last->timer_place, last);
}

void timers_set(struct connection *connection, int64_t due_us)
{
    timers_clear(connection);
    if (heap.count + 2 > heap.capacity) {
        heap.capacity = heap.capacity ? heap.capacity * 2 : 64;
        heap.at = realloc(heap.at, heap.capacity * sizeof *heap.at);
        if (!heap.at)
            give_up("no memory for %zu timers", heap.capacity);
    }
    connection->due_us = due_us;
    rise(++heap.count, connection);
}

struct connection *timers_next(int64_t now)
{
    if (!heap.count || heap.at[1]->due_us > now)
        return NULL;
    struct connection *due = heap.at[1];
    timers_clear(due);
    return due;
}

int timers_wait_ms(int64_t now)
{
    if (!heap.count)
        return -1;
    int64_t wait = heap.at[1]->due_us - now;
    return wait > 0 ? (int)((wait + 999) / 1000) : 0;
}
