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
    struct json_value text; /* with the white space around the object */
    struct json_value object;
    struct splice_member *members;
    size_t count;
    struct splice_added *added;
    size_t added_count;
};

/* Reads `text`, which must outlive the splice. bad_request, with the offset of the fault, if it is no JSON
 * object. */
bool splice_open(struct splice *splice, struct arena *arena, struct json_value text, unsigned depth,
                 struct failure *why) MUST_CHECK;

/* The member that now has that name; NULL if there is none or it was dropped. A name given twice is a
 * bad_request. */
bool splice_find(struct splice *splice, const char *name, struct splice_member **member,
                 struct failure *why) MUST_CHECK;

/* Sets the member's value to a JSON text. If `member` is NULL, adds a member of that name in front of the
 * others, or replaces the one that was added before. The name must need no escapes. */
void splice_set(struct splice *splice, struct splice_member *member, const char *name, const char *value);

/* Undoes all changes. */
void splice_reset(struct splice *splice);

/* The changed text, in pieces of the old one and of new ones; returns their number. */
size_t splice_pieces(const struct splice *splice, struct json_value **pieces);

/* The same in one piece, copied. */
struct json_value splice_join(const struct splice *splice);

#endif
