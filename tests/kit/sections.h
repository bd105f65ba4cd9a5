/* Files in parts, each begun by a line "--- TITLE": cases and scripts of the fake provider. */
#ifndef KIT_SECTIONS_H
#define KIT_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct section {
    char *title;
    char *body; /* NUL-terminated, not expanded */
    size_t length;
    int line; /* of the title, from 1 */
};

struct sections {
    char *preamble; /* the text before the first title */
    struct section *items;
    size_t count;
};

/* Reads the file. Empty lines at a part's end separate it from the next and do not belong to it, nor does
 * the end of its last line. But if the part's head says "Content-Type: text/event-stream" its body ends
 * with the empty line that ends an event, unless its last line is a directive (@...) or ends in ${join} or
 * ${said}. */
void sections_read(struct sections *sections, const char *path);
void sections_free(struct sections *sections);

/* Where the body begins, past a head and the first empty line; the end when there is no empty line. */
const char *section_body(const char *bytes, size_t length);

#endif
