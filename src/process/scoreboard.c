/* What the workers of one generation are doing, in memory that they share with the master.
 *
 * A row is written by its worker only, except that the master assigns and buries it; so there are no locks,
 * and a worker that dies at any instruction leaves nothing half done. The states stand apart in one array of
 * bytes: a worker that takes a request looks over it to see whether enough others are free, and if not, wakes
 * the master.
 *
 * Two workers may take the last two idle places at once. Their stores and looks are sequentially consistent,
 * so at least the later of them sees that nobody is left. One wake is enough for all: `poked` is set by the
 * first in need and cleared by the master before it counts, hence whoever finds it set will be counted. A
 * worker killed between setting it and writing would silence the others; the master's tick clears it too. */
#include "process/scoreboard.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/failure.h"

/* A cache line each: a worker's own notes cost the others nothing. */
struct row {
    _Alignas(64) _Atomic uint64_t served;
    _Atomic int64_t since_us;
};

struct scoreboard {
    size_t size; /* of the mapping */
    size_t count, min_spare;
    unsigned generation;
    int wake;
    atomic_bool muted, poked;
    struct row *rows;
    atomic_uchar *states; /* enum worker_state; apart from the rows, so that a look over all is a few lines */
};

bool scoreboard_create(size_t rows, size_t min_spare, unsigned generation, int wake,
                       struct scoreboard **board, struct failure *why)
{
    size_t head = (sizeof(struct scoreboard) + sizeof(struct row) - 1) / sizeof(struct row);
    size_t size = (head + rows) * sizeof(struct row) + rows;
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return fail(why, FAILURE_SETTING, "no memory for %zu workers: %s", rows, strerror(errno));
    *board = (struct scoreboard *)memory;
    (*board)->size = size;
    (*board)->count = rows;
    (*board)->min_spare = min_spare;
    (*board)->generation = generation;
    (*board)->wake = wake;
    (*board)->rows = (struct row *)memory + head;
    (*board)->states = (atomic_uchar *)((*board)->rows + rows);
    return true;
}

void scoreboard_destroy(struct scoreboard *board)
{
    munmap(board, board->size);
}

static void set_state(struct scoreboard *board, size_t row, enum worker_state state)
{
    atomic_store_explicit(&board->rows[row].since_us, clock_monotonic_us(), memory_order_relaxed);
    atomic_store(&board->states[row], (unsigned char)state);
}

static enum worker_state state_of(const struct scoreboard *board, size_t row)
{
    return (enum worker_state)atomic_load(&board->states[row]);
}

/* The eventfd cannot be full: its counter grows by one between two reads of the master, seldom by two. */
static void poke(struct scoreboard *board)
{
    const uint64_t one = 1;
    if (atomic_exchange(&board->poked, true))
        return;
    ssize_t written = write(board->wake, &one, sizeof one);
    (void)written;
}

/* Usually found among the first few bytes. */
static bool enough_spare(const struct scoreboard *board)
{
    size_t spare = 0;
    for (size_t row = 0; row < board->count && spare < board->min_spare; row++) {
        enum worker_state state = state_of(board, row);
        spare += state == WORKER_IDLE || state == WORKER_STARTING;
    }
    return spare >= board->min_spare;
}

void scoreboard_idle(struct scoreboard *board, size_t row)
{
    if (!board)
        return;
    enum worker_state before = state_of(board, row);
    if (before == WORKER_BUSY)
        atomic_fetch_add_explicit(&board->rows[row].served, 1, memory_order_relaxed);
    set_state(board, row, WORKER_IDLE);
    if (before == WORKER_STARTING)
        poke(board);
}

void scoreboard_busy(struct scoreboard *board, size_t row)
{
    if (!board)
        return;
    set_state(board, row, WORKER_BUSY);
    if (!atomic_load(&board->muted) && !enough_spare(board))
        poke(board);
}

/* Of several that believe to be the last the first row's is not: the others are there for who comes next.
 * Their stores and looks are in one order, so they all see the same. */
static bool is_taken(const struct scoreboard *board, size_t other, size_t row)
{
    enum worker_state state = state_of(board, other);
    return state == WORKER_BUSY || (state == WORKER_LAST && other < row);
}

bool scoreboard_is_last(struct scoreboard *board, size_t row, int64_t *moved_us)
{
    if (!board || board->count < 2)
        return false;
    atomic_store(&board->states[row], (unsigned char)WORKER_LAST);
    *moved_us = 0;
    for (size_t other = 0; other < board->count; other++) {
        if (other == row)
            continue;
        if (!is_taken(board, other, row)) {
            atomic_store(&board->states[row], (unsigned char)WORKER_BUSY);
            return false;
        }
        int64_t since_us = atomic_load_explicit(&board->rows[other].since_us, memory_order_relaxed);
        *moved_us = since_us > *moved_us ? since_us : *moved_us;
    }
    return true;
}

void scoreboard_leaving(struct scoreboard *board, size_t row)
{
    if (!board)
        return;
    if (state_of(board, row) == WORKER_BUSY)
        atomic_fetch_add_explicit(&board->rows[row].served, 1, memory_order_relaxed);
    set_state(board, row, WORKER_LEAVING);
}

struct pool_facts scoreboard_facts(const struct scoreboard *board)
{
    if (!board)
        return (struct pool_facts){.workers = 1, .busy = 1, .max_workers = 1, .generation = 1};
    struct pool_facts facts = {.max_workers = (unsigned)board->count, .generation = board->generation};
    for (size_t row = 0; row < board->count; row++) {
        enum worker_state state = state_of(board, row);
        facts.workers += state != WORKER_NONE;
        facts.idle += state == WORKER_IDLE;
        facts.busy += state == WORKER_BUSY || state == WORKER_LAST;
    }
    return facts;
}

void scoreboard_assign(struct scoreboard *board, size_t row)
{
    atomic_store(&board->rows[row].served, 0);
    set_state(board, row, WORKER_STARTING);
}

void scoreboard_release(struct scoreboard *board, size_t row)
{
    set_state(board, row, WORKER_NONE);
}

void scoreboard_suppress_wakes(struct scoreboard *board, bool muted)
{
    atomic_store(&board->muted, muted);
}

void scoreboard_acknowledge_wake(struct scoreboard *board)
{
    atomic_store(&board->poked, false);
}

struct scoreboard_slot scoreboard_read(const struct scoreboard *board, size_t row)
{
    return (struct scoreboard_slot){
        .state = state_of(board, row),
        .served = atomic_load(&board->rows[row].served),
        .since_us = atomic_load(&board->rows[row].since_us),
    };
}
