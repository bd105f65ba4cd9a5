/* Switches between stacks: with Boost.Context, or else with ucontext(3). */
#ifndef PENSTOCK_LOOP_FIBER_SWITCH_INTERNAL_H
#define PENSTOCK_LOOP_FIBER_SWITCH_INTERNAL_H

#include <stddef.h>

#if HAVE_BOOST_CONTEXT

/* The C interface of Boost.Context (boost/context/detail/fcontext.hpp declares it for C++ only). */
typedef void *fcontext_t;
struct switch_transfer {
    fcontext_t from; /* the context that switched, and is continued by switching to it */
    void *data;
};
struct switch_transfer jump_fcontext(fcontext_t to, void *data);
fcontext_t make_fcontext(void *stack_top, size_t stack, void (*entry)(struct switch_transfer));

struct switch_context {
    fcontext_t at;
};

#else

#include <ucontext.h>

struct switch_context {
    ucontext_t at;
};

#endif

/* Prepares `context` to call entry() on the stack at its first switch. entry() must not return. */
void switch_prepare(struct switch_context *context, char *stack, size_t size, void (*entry)(void));

/* Saves the running context in `from` and continues `to`. */
void switch_to(struct switch_context *from, struct switch_context *to);

#endif
