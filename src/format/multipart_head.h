/* Reads the headers of a form and of its parts, and refuses those that parsers read in different ways. */
#ifndef PENSTOCK_FORMAT_MULTIPART_HEAD_H
#define PENSTOCK_FORMAT_MULTIPART_HEAD_H

#include <stdbool.h>

#include "base/base.h"

#define MULTIPART_NAME_SIZE 64

struct part_head {
    bool found;                      /* the part is the field `name` */
    bool ascii_only;                 /* its charset is not UTF-8, so only ASCII has one meaning */
    bool picks;                      /* some providers choose another model by it */
    bool counts;                     /* it is "n", the number of answers */
    unsigned once;                   /* a bit of its own, if the field must not be there twice */
    char field[MULTIPART_NAME_SIZE]; /* its name, if it picks, cut to fit */
};

/* Reads the header lines of a part, each ended by CRLF, and finds out whether it is the field `name`. Returns
 * NULL, or what is wrong. Changes `lines`. */
const char *multipart_read_head(char *lines, const char *name, struct part_head *head) MUST_CHECK;

/* Reads the boundary out of the parameters of the form's Content-Type. `boundary` has room for `parameters`.
 * Returns NULL, or what is wrong. */
const char *multipart_read_boundary(const char *parameters, char *boundary) MUST_CHECK;

#endif
