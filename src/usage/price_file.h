/* A file of prices, read into a table. */
#ifndef PENSTOCK_USAGE_PRICE_FILE_H
#define PENSTOCK_USAGE_PRICE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

struct failure;

/* USD per million tokens; negative: the provider names none, and the price of input holds. */
struct price {
    double input, output, cached, cache_write;
};

struct price_row {
    const char *provider, *model; /* the model may have '*' in it; the provider may be just that */
    struct price price;
};

struct price_file {
    char *text; /* what the rows' names lie in */
    struct price_row *rows;
    size_t count;
};

#define PRICE_FILE_MAX (1024 * 1024)

/* Reads the lines "PROVIDER MODEL INPUT OUTPUT [CACHED [CACHE_WRITE]]"; '#' begins a comment, '-' stands for
 * a price that there is not. A line that is none of that is left out and told to `complain` (NULL: nobody),
 * as "PATH:LINE: REASON". False with errno when the file cannot be read, or is larger than PRICE_FILE_MAX
 * (EFBIG). Freed with price_file_free(). */
bool price_file_read(struct price_file *file, const char *path,
                     void (*complain)(void *context, const struct failure *why), void *context) MUST_CHECK;
void price_file_free(struct price_file *file);

#endif
