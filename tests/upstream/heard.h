/* A request that the fake provider received: views into the bytes that arrived. */
#ifndef UPSTREAM_HEARD_H
#define UPSTREAM_HEARD_H

#include <stdbool.h>
#include <stddef.h>

struct heard {
    const char *method, *target, *head, *body;
    size_t method_length, target_length, head_length, body_length;
    size_t length;   /* of the whole request on the wire */
    bool chunked;    /* `body` is then still in chunks */
    bool keep_alive; /* HTTP/1.1 without "Connection: close" */
};

/* How much of `bytes` is one request: 1 complete, 0 incomplete, -1 not HTTP. */
int heard_parse(struct heard *heard, const char *bytes, size_t length);

/* The value of a header, or NULL; `name` in any case. */
const char *heard_header(const struct heard *heard, const char *name, size_t *length);

/* Is the path's end `suffix`? The query does not count. */
bool heard_path_ends(const struct heard *heard, const char *suffix);

/* The raw text of a member of a JSON object's top level, or NULL. Enough for requests that tests write:
 * names are compared byte for byte, with their escapes. */
const char *json_member(const char *json, size_t length, const char *name, size_t *value_length);

/* The raw text of an element of a JSON array, or NULL where it has no such place. */
const char *json_item(const char *json, size_t length, size_t place, size_t *item_length);

#endif
