/* A file of prices, read into a table. */
#ifndef PENSTOCK_USAGE_PRICE_FILE_H
#define PENSTOCK_USAGE_PRICE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

struct failure;

/* USD per million tokens. A negative price of cached or cache_write: the input price applies. */
struct price {
    double input, output, cached, cache_write;
};

struct price_row {
    const char *provider, *model; /* the model may be a pattern with '*'; the provider may be "*" */
    struct price price;
};

struct price_file {
    char *text; /* holds the names of the rows */
    struct price_row *rows;
    size_t count;
};

#define PRICE_FILE_MAX (1024 * 1024)

/* Reads the lines "PROVIDER MODEL INPUT OUTPUT [CACHED [CACHE_WRITE]]"; '#' begins a comment, '-' means no
 * price. A malformed line is skipped and reported to `complain` (may be NULL) as "PATH:LINE: REASON". False
 * with errno if the file cannot be read or is larger than PRICE_FILE_MAX (EFBIG). Freed with
 * price_file_free() in any case. */
bool price_file_read(struct price_file *file, const char *path,
                     void (*complain)(void *context, const struct failure *why), void *context) MUST_CHECK;
void price_file_free(struct price_file *file);

#endif
