/* What the readers of checked JSON share. */
#ifndef PENSTOCK_FORMAT_JSON_INTERNAL_H
#define PENSTOCK_FORMAT_JSON_INTERNAL_H

/* Decodes one character of a string, escaped or not, from `at` to `*to`, which it moves on: one byte of a
 * character that is not escaped, up to four of an escaped one. Returns the byte after it. */
const char *json_decode_one(const char *at, const char *end, char **to);

#endif
