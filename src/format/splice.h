/* Changes single members of a JSON object and leaves every other byte unchanged. */
#ifndef PENSTOCK_FORMAT_SPLICE_H
#define PENSTOCK_FORMAT_SPLICE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "format/json.h"

struct arena;
struct failure;

#define SPLICE_MEMBERS_MAX 1024

/* A top-level member and its change. */
struct splice_member {
    struct json_member was;
    const char *new_name, *new_value; /* JSON texts; NULL: unchanged */
    bool dropped;
};

struct splice_added {
    const char *name, *text; /* "name":value */
};

struct splice {
    struct arena *arena;
    const char *start;      /* of the text, from which messages count the bytes */
    struct json_value text; /* with the white space around the object, without a byte order mark */
    struct json_value object;
    struct splice_member *members;
    size_t count;
    struct splice_added *added;
    size_t added_count;
};

/* Reads `text`, which must outlive the splice. Skips a byte order mark before it (RFC 8259, 8.1). Fails with
 * bad_request and the offset of the error if `text` is not a JSON object. */
bool splice_open(struct splice *splice, struct arena *arena, struct json_value text, unsigned depth,
                 struct failure *why) MUST_CHECK;

/* Returns the value of the first member that has this name in the text, without the changes; absent if there
 * is none. Unlike json_get(), does not walk through the values again, of which a prompt may be long. */
struct json_value splice_original(const struct splice *splice, const char *name);

/* Finds the member that has this name after the changes so far; NULL if there is none or it was dropped.
 * Fails with bad_request if two members have the name, or if a member has another name that some parsers take
 * for it (format/json_name.h). */
bool splice_find(struct splice *splice, const char *name, struct splice_member **member,
                 struct failure *why) MUST_CHECK;

/* Sets the member's value to a JSON text. If `member` is NULL, adds a member of that name in front of the
 * others, or replaces the member that an earlier call added. The name must not need escapes. */
void splice_set(struct splice *splice, struct splice_member *member, const char *name, const char *value);

/* Undoes all changes. */
void splice_reset(struct splice *splice);

/* Sets `pieces` to the changed text, in pieces of the old text and of new values. Returns their number. */
size_t splice_pieces(const struct splice *splice, struct json_value **pieces);

/* Returns the changed text in one piece, a copy in the arena. */
struct json_value splice_join(const struct splice *splice);

#endif
