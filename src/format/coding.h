/* Content codings (RFC 9110, 8.4.1): decodes a body that is compressed. */
#ifndef PENSTOCK_FORMAT_CODING_H
#define PENSTOCK_FORMAT_CODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"

struct buffer;

/* The value of Accept-Encoding that names the codings below. */
extern const char *const codings_known;

enum coding {
    CODING_IDENTITY,
    CODING_GZIP,    /* RFC 1952, also in several members */
    CODING_DEFLATE, /* RFC 1950; also RFC 1951 alone, as some clients send it */
    CODING_ZSTD,    /* RFC 8878 with windows of at most 8 MiB (RFC 9659) */
};

/* Reads the value of Content-Encoding; "" and "identity" are CODING_IDENTITY. Returns false for any other
 * coding, and for more than one. */
bool coding_read(const char *value, enum coding *coding) MUST_CHECK;

const char *coding_name(enum coding coding);

enum coding_result {
    CODING_DECODED,
    CODING_TOO_LARGE, /* the decoded body exceeds the ceiling of the buffer */
    CODING_TRUNCATED,
    CODING_CORRUPT, /* also if bytes follow the end */
};

/* Appends the decoded body to `out`, up to its ceiling. `coding` is not CODING_IDENTITY. */
enum coding_result coding_decode(enum coding coding, const char *bytes, size_t length,
                                 struct buffer *out) MUST_CHECK;

#endif
