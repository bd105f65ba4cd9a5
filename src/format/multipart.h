/* Finds one field, its position and its value, in a form (RFC 7578) that is read in pieces. */
#ifndef PENSTOCK_FORMAT_MULTIPART_H
#define PENSTOCK_FORMAT_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#define MULTIPART_VALUE_MAX 512
#define MULTIPART_HEAD_MAX 4096
#define MULTIPART_BOUNDARY_MAX 70 /* RFC 2046, 5.1.1 */
#define MULTIPART_DELIMITER_MAX (MULTIPART_BOUNDARY_MAX + 3)

enum multipart_state { MULTIPART_DATA, MULTIPART_DELIMITED, MULTIPART_LINE_END, MULTIPART_HEAD };

struct multipart {
    const char *name;                /* name of the field to find */
    unsigned found;                  /* number of parts with that name */
    bool closed;                     /* the first such part has ended and `value_length` is set */
    uint64_t value_at, value_length; /* position and length of its value, in bytes; the position is from the
                                        form's beginning */
    char value[MULTIPART_VALUE_MAX + MULTIPART_DELIMITER_MAX + 2]; /* NUL-terminated, cut to fit */
    /* private */
    uint64_t at; /* bytes read */
    enum multipart_state state;
    bool opened, in_value, ended; /* opened, ended: the first and the last delimiter were seen */
    char before, before_line;     /* the byte before this one, and before a delimiter's line feed */
    size_t matched, kept, head_length;
    size_t delimiter_length;
    char delimiter[MULTIPART_DELIMITER_MAX + 1];
    char head[MULTIPART_HEAD_MAX + 1]; /* the header lines of a part */
};

/* Begins a form with that Content-Type. Returns false if the type is not that of a form or has no
 * boundary. */
bool multipart_open(struct multipart *form, const char *content_type, const char *name) MUST_CHECK;

/* Reads the next bytes. Returns false for a form that parsers may read in different ways. */
bool multipart_read(struct multipart *form, const char *bytes, size_t length) MUST_CHECK;

/* Returns the boundary without the leading hyphens. */
const char *multipart_boundary(const struct multipart *form);

#endif
