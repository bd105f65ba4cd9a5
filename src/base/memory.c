/* Allocation that never returns NULL. */
#include "base/memory.h"

#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/portable.h"

#define SMALL_BLOCK 1024
#define LARGEST_GAP 16384
#define LARGE_BLOCK (128 * 1024)
#define GAPS_MAX 4096 /* bounds the work if malloc() is replaced, as under valgrind */

static volatile sig_atomic_t exhausted;

/* Must not allocate, so neither the error log nor stdio can be used. */
void memory_exhausted(void)
{
    exhausted = true;
    static const char words[] = "penstock: out of memory\n";
    ssize_t written = write(STDERR_FILENO, words, sizeof words - 1);
    (void)written;
    abort();
}

bool memory_is_exhausted(void)
{
    return exhausted;
}

/* Small blocks come from malloc(), because glibc's calloc() does not use the cache of recently freed blocks.
 * Large blocks come from calloc(), which need not clear memory that comes from the system. */
void *memory_alloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count ? count : 1, size ? size : 1, &bytes))
        memory_exhausted();
    void *fresh = bytes > SMALL_BLOCK ? calloc(1, bytes) : malloc(bytes);
    if (!fresh)
        memory_exhausted();
    return bytes > SMALL_BLOCK ? fresh : memset(fresh, 0, bytes);
}

void *memory_resize(void *old, size_t count, size_t size)
{
    void *moved = reallocarray(old, count ? count : 1, size ? size : 1);
    if (!moved)
        memory_exhausted();
    return moved;
}

char *memory_copy(const char *bytes, size_t length)
{
    char *copy = malloc(length + 1);
    if (!copy)
        memory_exhausted();
    if (length)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *memory_format(const char *format, va_list arguments)
{
    char *text;
    if (vasprintf(&text, format, arguments) < 0)
        memory_exhausted();
    return text;
}

/* Sets a fixed mapping threshold: otherwise glibc raises the threshold whenever a large block is freed, and
 * then keeps such blocks. */
void memory_prepare(void)
{
#ifdef HAVE_MALLOPT
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    mallopt(M_TRIM_THRESHOLD, LARGE_BLOCK);
#endif
}

void memory_give_back(void)
{
#ifdef HAVE_MALLOC_TRIM
    malloc_trim(0);
#endif
}

#ifdef HAVE_MALLINFO2

static void *filled; /* linked list of the blocks that fill gaps */

static void open_gaps(void)
{
    while (filled) {
        void *next = *(void **)filled;
        free(filled);
        filled = next;
    }
}

/* Each block that malloc() places before `last` fills a gap. Returns the number of filled gaps. */
static size_t fill_gaps(size_t size, const char *last, size_t most)
{
    for (size_t count = 0; count < most; count++) {
        void **block = malloc(size);
        if (!block || (const char *)block >= last) {
            free(block);
            return count;
        }
        *block = filled;
        filled = block;
    }
    return most;
}

/* Frees the blocks of the previous call first, because their gaps may be needed now, and so that filled gaps
 * do not accumulate. There is no gap after the last block of the heap. */
void memory_settle(void)
{
    open_gaps();
    const char *last = (const char *)sbrk(0) - mallinfo2().keepcost;
    size_t left = GAPS_MAX;
    for (size_t size = LARGEST_GAP; left && size >= 16; size -= size > 1024 ? 1024 : 16)
        left -= fill_gaps(size, last, left);
}

#else

/* Other implementations of malloc() do not report the end of their heap, and may not have a heap. */
void memory_settle(void)
{
}

#endif
