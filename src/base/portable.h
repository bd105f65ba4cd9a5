/* Functions of <string.h> and <stdlib.h> that not every C library has; configure finds the missing ones. */
#ifndef PENSTOCK_BASE_PORTABLE_H
#define PENSTOCK_BASE_PORTABLE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Each function has its own name, because the C library may declare a function that it does not define. */

#ifndef HAVE_MEMPCPY
#undef mempcpy
#define mempcpy portable_mempcpy
static inline void *portable_mempcpy(void *to, const void *from, size_t length)
{
    return (char *)memcpy(to, from, length) + length;
}
#endif

#ifndef HAVE_RAWMEMCHR /* musl */
#undef rawmemchr
#define rawmemchr portable_rawmemchr
static inline void *portable_rawmemchr(const void *bytes, int byte)
{
    const unsigned char *at = bytes;
    while (*at != (unsigned char)byte)
        at++;
    return (void *)at;
}
#endif

#ifndef HAVE_MEMRCHR
#undef memrchr
#define memrchr portable_memrchr
static inline void *portable_memrchr(const void *bytes, int byte, size_t length)
{
    const unsigned char *start = bytes;
    while (length-- > 0)
        if (start[length] == (unsigned char)byte)
            return (void *)(start + length);
    return NULL;
}
#endif

#ifndef HAVE_STRCHRNUL
#undef strchrnul
#define strchrnul portable_strchrnul
static inline char *portable_strchrnul(const char *text, int byte)
{
    const char *found = strchr(text, byte);
    return (char *)(found ? found : text + strlen(text));
}
#endif

#ifndef HAVE_EXPLICIT_BZERO
#undef explicit_bzero
#define explicit_bzero portable_explicit_bzero
/* The compiler must assume that the bytes are read afterwards; otherwise it could omit the write. */
static inline void portable_explicit_bzero(void *bytes, size_t length)
{
    memset(bytes, 0, length);
    __asm__ __volatile__("" : : "r"(bytes) : "memory");
}
#endif

#ifndef HAVE_REALLOCARRAY /* musl before 1.2.2 */
#undef reallocarray
#define reallocarray portable_reallocarray
static inline void *portable_reallocarray(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, bytes);
}
#endif

#endif
