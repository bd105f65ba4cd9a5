/* Switches between stacks: with Boost.Context, or else with ucontext(3).
 *
 * Boost.Context switches in about 12 ns. ucontext saves the signal mask with two system calls, which takes
 * about 500 ns, and is in every C library but musl. */
#include "loop/fiber_switch_internal.h"

#include <stddef.h>

#if HAVE_BOOST_CONTEXT

static void (*entry_of_next)(void);

/* Boost.Context passes the old context to the new one, which stores it: the saved stack pointer is known only
 * after the switch. */
static void save_previous(struct switch_transfer transfer)
{
    ((struct switch_context *)transfer.data)->at = transfer.from;
}

static void begin(struct switch_transfer transfer)
{
    save_previous(transfer);
    entry_of_next();
}

void switch_prepare(struct switch_context *context, char *stack, size_t size, void (*entry)(void))
{
    entry_of_next = entry;
    context->at = make_fcontext(stack + size, size, begin);
}

void switch_to(struct switch_context *from, struct switch_context *to)
{
    save_previous(jump_fcontext(to->at, from));
}

#else

void switch_prepare(struct switch_context *context, char *stack, size_t size, void (*entry)(void))
{
    getcontext(&context->at);
    context->at.uc_stack.ss_sp = stack;
    context->at.uc_stack.ss_size = size;
    context->at.uc_link = NULL;
    makecontext(&context->at, entry, 0);
}

void switch_to(struct switch_context *from, struct switch_context *to)
{
    swapcontext(&from->at, &to->at);
}

#endif
