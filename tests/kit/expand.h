/* ${...} in the files that tests are written in. */
#ifndef KIT_EXPAND_H
#define KIT_EXPAND_H

#include <stdbool.h>
#include <stddef.h>

struct text;

/* Appends the value of a name that the files' own words do not cover; false: there is no such name. */
typedef bool expand_lookup(void *context, const char *name, struct text *value);

/* Appends `bytes` to `out` with every ${...} replaced:
 *   ${lf} ${cr} ${crlf} ${tab} ${space}    characters that an editor would hide or change
 *   ${hex 00 ff}                     any bytes
 *   ${join}                          swallows the newline that follows it
 *   ${repeat 1000 WORDS}             the words a thousand times
 *   anything else                    asked of `lookup` (may be NULL); unknown names end the test */
void expand(struct text *out, const char *bytes, size_t length, expand_lookup *lookup, void *context);

#endif
