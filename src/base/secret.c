/* A key has its own type, so that it cannot be logged by mistake. */
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/portable.h"

struct secret secret_copy(const char *bytes, size_t length)
{
    return (struct secret){.bytes = memory_copy(bytes, length), .length = length};
}

void secret_wipe(struct secret *secret)
{
    if (secret->bytes)
        explicit_bzero(secret->bytes, secret->length);
    free(secret->bytes);
    *secret = (struct secret){0};
}
