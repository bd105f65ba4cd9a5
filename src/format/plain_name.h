/* The letters and digits of a name, without what differs between the ways to write it. */
#ifndef PENSTOCK_FORMAT_PLAIN_NAME_H
#define PENSTOCK_FORMAT_PLAIN_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "format/json.h"

#define PLAIN_NAME_SIZE 64

/* Writes the name in lower case and without underscores, hyphens and the like, so that "max_tokens",
 * "maxTokens" and "Max-Tokens" are all "maxtokens". A character beyond ASCII becomes "?", but for those two
 * that fold to a letter (format/fold.h). A name that is too long is cut. */
void plain_name(const char *name, size_t length, char plain[static PLAIN_NAME_SIZE]);

/* The same for the quoted name of a member of JSON. */
void plain_name_of(struct json_value quoted, char plain[static PLAIN_NAME_SIZE]);

bool plain_name_ends(const char *plain, const char *end);

/* True if it is one of `count` names, or ends in one of them. */
bool plain_name_among(const char *plain, const char *const *names, size_t count);
bool plain_name_ends_among(const char *plain, const char *const *ends, size_t count);

#endif
