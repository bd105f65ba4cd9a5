/* Answers written in a file, byte for byte: the language of the cases' "upstream says". */
#ifndef UPSTREAM_SCRIPT_H
#define UPSTREAM_SCRIPT_H

struct plan;

/* Reads the file: each part, begun by a line "--- answer", answers the next request. See tests/cases/README.
 */
void script_load(const char *path);

/* The answer to the next request; past the end of the script a 500 that says so. */
struct plan *script_next(void);

#endif
