/* Changes to single members of a JSON object, every other byte left as it came. */
#ifndef PENSTOCK_FORMAT_SPLICE_H
#define PENSTOCK_FORMAT_SPLICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct failure;

#define SPLICE_MEMBERS_MAX 1024

/* One top-level member and what becomes of it. */
struct splice_member {
    struct json_member was;
    const char *new_name, *new_value; /* JSON texts; NULL: as it was */
    bool dropped;
};

struct splice_added {
    const char *name, *text; /* "name":value */
};

struct splice {
    struct arena *arena;
    struct json_value text; /* the whole body, white space around the object included */
    struct json_value object;
    struct splice_member *members;
    size_t count;
    struct splice_added *added;
    size_t added_count;
};

/* Reads `text`, which must outlive the splice: bad_request with the offset of what is wrong, or if it is no
 * object. */
bool splice_open(struct splice *splice, struct arena *arena, struct json_value text, unsigned depth,
                 struct failure *why) MUST_CHECK;

/* The member that bears that name now, NULL if there is none or it was dropped. Given twice it is a
 * bad_request. */
bool splice_find(struct splice *splice, const char *name, struct splice_member **member,
                 struct failure *why) MUST_CHECK;

/* Gives the member this JSON text for a value, or adds it in front of the others when `member` is NULL, in
 * place of one that was added by that name. The name must need no escapes. */
void splice_set(struct splice *splice, struct splice_member *member, const char *name, const char *value);

/* Takes all changes back. */
void splice_reset(struct splice *splice);

/* The text as changed, in pieces of the old one and of the new; returns their number. */
size_t splice_pieces(const struct splice *splice, struct json_value **pieces);

/* The same in one piece, copied. */
struct json_value splice_join(const struct splice *splice);

#endif
