/* Fibers: functions with a stack of their own that pause and continue where they paused.
 *
 * AddressSanitizer and valgrind follow a stack pointer that jumps only if they are told about each stack
 * (sanitizer/common_interface_defs.h, valgrind/valgrind.h). */
#include "loop/fiber.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "loop/fiber_switch_internal.h"

#define SWITCH_MAX 1024 /* bytes below the last frame that a switch uses */

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#if WITH_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#if HAVE_VALGRIND_H
#include <valgrind/valgrind.h>
#endif

struct fiber {
    struct switch_context context;
    char *mapping; /* the guard page, then the stack */
    size_t stack;
    fiber_function *function; /* NULL: none, or it has returned */
    void *argument;
    char *paused_at;         /* an address in its last frame; the top of the stack if no function runs */
    void *fake_stack;        /* AddressSanitizer's, while the fiber is paused */
    unsigned valgrind_stack; /* valgrind's number of the stack */
};

static struct fiber *running;
static struct switch_context outside; /* the stack on which fiber_resume() was called */
static const void *outside_stack;     /* as AddressSanitizer knows it */
static size_t outside_size;

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static char *stack_of(const struct fiber *fiber)
{
    return fiber->mapping + page_size();
}

static void leave_stack(void **fake_stack, const void *next_stack, size_t next_size)
{
#if WITH_ASAN
    __sanitizer_start_switch_fiber(fake_stack, next_stack, next_size);
#else
    (void)fake_stack;
    (void)next_stack;
    (void)next_size;
#endif
}

static void enter_stack(void *fake_stack, const void **last_stack, size_t *last_size)
{
#if WITH_ASAN
    __sanitizer_finish_switch_fiber(fake_stack, last_stack, last_size);
#else
    (void)fake_stack;
    (void)last_stack;
    (void)last_size;
#endif
}

struct fiber *fiber_create(size_t stack)
{
    size_t page = page_size();
    size_t size = (stack + page - 1) / page * page;
    char *mapping = mmap(NULL, page + size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (mapping == MAP_FAILED)
        return NULL;
    if (mprotect(mapping, page, PROT_NONE) != 0) {
        munmap(mapping, page + size);
        return NULL;
    }
    struct fiber *fiber = memory_alloc(1, sizeof *fiber);
    fiber->mapping = mapping;
    fiber->stack = size;
#if HAVE_VALGRIND_H
    fiber->valgrind_stack = VALGRIND_STACK_REGISTER(mapping + page, mapping + page + size);
#endif
    return fiber;
}

void fiber_destroy(struct fiber *fiber)
{
#if HAVE_VALGRIND_H
    VALGRIND_STACK_DEREGISTER(fiber->valgrind_stack);
#endif
    munmap(fiber->mapping, page_size() + fiber->stack);
    free(fiber);
}

/* The first code on a fiber's stack. It leaves for good with a NULL fake stack, so that AddressSanitizer
 * frees what it keeps for this run. */
static void run(void)
{
    struct fiber *fiber = running;
    enter_stack(NULL, &outside_stack, &outside_size);
    fiber->function(fiber->argument);
    fiber->function = NULL;
    fiber->paused_at = stack_of(fiber) + fiber->stack;
    leave_stack(NULL, outside_stack, outside_size);
    switch_to(&fiber->context, &outside);
    abort(); /* a fiber whose function has returned is not resumed */
}

void fiber_set(struct fiber *fiber, fiber_function *function, void *argument)
{
    fiber->function = function;
    fiber->argument = argument;
    fiber->paused_at = stack_of(fiber) + fiber->stack;
    fiber->fake_stack = NULL;
    switch_prepare(&fiber->context, stack_of(fiber), fiber->stack, run);
}

bool fiber_resume(struct fiber *fiber)
{
    void *fake_stack = NULL;
    running = fiber;
    leave_stack(&fake_stack, stack_of(fiber), fiber->stack);
    switch_to(&outside, &fiber->context);
    enter_stack(fake_stack, NULL, NULL);
    running = NULL;
    return fiber->function;
}

void fiber_pause(void)
{
    struct fiber *fiber = running;
    fiber->paused_at = __builtin_frame_address(0);
    leave_stack(&fiber->fake_stack, outside_stack, outside_size);
    switch_to(&fiber->context, &outside);
    enter_stack(fiber->fake_stack, &outside_stack, &outside_size);
}

/* Stacks grow downwards. The page of a function that has not begun holds its first frame. */
void fiber_trim(struct fiber *fiber)
{
    size_t page = page_size(), above = (size_t)(stack_of(fiber) + fiber->stack - fiber->paused_at);
    size_t kept = (above + SWITCH_MAX + page - 1) / page * page;
    if (kept < fiber->stack)
        madvise(stack_of(fiber), fiber->stack - kept, MADV_DONTNEED);
}

/* Stacks grow downwards: the used part ends at the lowest page that is in memory. */
size_t fiber_stack_used(const struct fiber *fiber)
{
    size_t page = page_size();
    for (size_t below = 0; below < fiber->stack; below += page) {
        unsigned char resident = 0;
        if (mincore(fiber->mapping + page + below, page, &resident) == 0 && resident & 1)
            return fiber->stack - below;
    }
    return 0;
}
