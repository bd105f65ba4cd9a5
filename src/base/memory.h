/* Allocation that never returns NULL: a worker without memory dies and the master mends it. */
#ifndef PENSTOCK_BASE_MEMORY_H
#define PENSTOCK_BASE_MEMORY_H

#include <stdarg.h>
#include <stddef.h>

/* Zeroed memory for `count` items of `size` bytes; ends the process when there is none. Freed with free(). */
void *memory_alloc(size_t count, size_t size);

/* As realloc(), with the multiplication checked; ends the process when there is none. */
void *memory_resize(void *old, size_t count, size_t size);

/* Ends the process: a library had no memory. */
_Noreturn void memory_exhausted(void);

/* A NUL-terminated copy of `length` bytes; freed with free(). */
char *memory_copy(const char *bytes, size_t length);

/* A formatted text; freed with free(). */
char *memory_format(const char *format, va_list arguments);

/* Sets malloc() up for a process of one thread that frees large blocks soon, where malloc() can be told. */
void memory_prepare(void);

/* Gives what lies free back to the system, in whole pages. */
void memory_give_back(void);

/* Takes what lies free between the blocks in use, and keeps it: what is allocated from now on lies together.
 * For a process that is about to fork many children, each of which gets a page of its own for every one that
 * it writes to. */
void memory_settle(void);

#endif
