/* Fibers: functions with a stack of their own that pause and continue where they paused. */
#ifndef PENSTOCK_LOOP_FIBER_H
#define PENSTOCK_LOOP_FIBER_H

#include <stdbool.h>
#include <stddef.h>

struct fiber;
typedef void fiber_function(void *argument);

/* Creates a fiber with a stack of `stack` bytes, rounded up to whole pages, and an unreadable page below it,
 * so that an overflow ends the process and does not damage other memory. Returns NULL if the system has no
 * memory or no mapping left. */
struct fiber *fiber_create(size_t stack);

/* Frees the fiber, which must not be running. A paused function never continues. */
void fiber_destroy(struct fiber *fiber);

/* Prepares the fiber to run `function(argument)` at its next fiber_resume(). A fiber whose function has
 * returned can be used again. */
void fiber_set(struct fiber *fiber, fiber_function *function, void *argument);

/* Runs the fiber until it pauses or its function returns. Returns false in the second case. Fibers do not
 * nest: call it outside of fibers only. */
bool fiber_resume(struct fiber *fiber);

/* Returns to the caller of fiber_resume(). Call it inside a fiber only. */
void fiber_pause(void);

/* Gives the part of the stack back to the system that a paused fiber does not use now. Later use costs a page
 * fault a page. */
void fiber_trim(struct fiber *fiber);

/* Returns how much of the stack is in memory, in bytes of whole pages, for tests and for choosing a size.
 */
size_t fiber_stack_used(const struct fiber *fiber);

#endif
