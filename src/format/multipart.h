/* Finds one field, its position and its value, in a form (RFC 7578) that is read in pieces. */
#ifndef PENSTOCK_FORMAT_MULTIPART_H
#define PENSTOCK_FORMAT_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "format/multipart_head.h"

#define MULTIPART_VALUE_MAX 512
#define MULTIPART_COUNT_SIZE 32
#define MULTIPART_ANSWERS_MAX 100000
#define MULTIPART_HEAD_MAX 4096
#define MULTIPART_BOUNDARY_MAX 70 /* RFC 2046, 5.1.1 */
#define MULTIPART_DELIMITER_MAX (MULTIPART_BOUNDARY_MAX + 3)

enum multipart_state {
    MULTIPART_DATA,
    MULTIPART_DELIMITED,
    MULTIPART_LINE_END,
    MULTIPART_HEAD,
    MULTIPART_END
};

struct multipart {
    const char *name;                /* name of the field to find */
    const char *fault;               /* why the form was refused; NULL: it was not */
    char picks[MULTIPART_NAME_SIZE]; /* a field by which some providers choose another model; "": none yet */
    int64_t answers; /* the value of the field "n", as the most generous parser reads it; 0: none yet */
    unsigned found;  /* number of parts with that name */
    bool closed;     /* the first such part has ended and `value_length` is set */
    bool ended;      /* the last delimiter was seen */
    uint64_t value_at, value_length; /* position and length of its value, in bytes; the position is from the
                                        form's beginning */
    char value[MULTIPART_VALUE_MAX + MULTIPART_DELIMITER_MAX + 2]; /* NUL-terminated, cut to fit */
    uint64_t at;                                                   /* bytes read */
    /* private */
    enum multipart_state state;
    bool opened, in_value; /* opened: the first delimiter was seen */
    bool in_count;         /* within the value of "n", whose first bytes are in `count` */
    char count[MULTIPART_COUNT_SIZE];
    size_t count_kept;
    bool ascii_only;          /* the part's charset says nothing reliable about other characters */
    char before, before_line; /* the byte before this one, and before a delimiter's line end */
    unsigned once;            /* the fields that were there and must not be there again */
    size_t matched, kept, head_length;
    size_t delimiter_length;
    char delimiter[MULTIPART_DELIMITER_MAX + 1];
    char head[MULTIPART_HEAD_MAX + 1]; /* the header lines of a part */
};

/* Begins a form with that Content-Type. Returns false if the type is not that of a form (`fault` is NULL
 * then), or if parsers may read its boundary in different ways. */
bool multipart_open(struct multipart *form, const char *content_type, const char *name) MUST_CHECK;

/* Reads the next bytes. Returns false for a form that parsers may read in different ways, and sets `fault`.
 */
bool multipart_read(struct multipart *form, const char *bytes, size_t length) MUST_CHECK;

/* Must be called at the end of the bytes. Returns false if the last delimiter is missing. */
bool multipart_finish(struct multipart *form) MUST_CHECK;

/* Returns the boundary without the leading hyphens. */
const char *multipart_boundary(const struct multipart *form);

#endif
