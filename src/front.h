/* The web server as the request tower sees it: variables, a body to read, an answer to write. */
#ifndef FRONT_H
#define FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "attributes.h"

struct front;

struct front_kind {
    const char *name; /* "cgi" or "fastcgi" */
    /* A meta-variable (RFC 3875, 4.1), or NULL. Lives as long as the request. */
    const char *(*variable)(struct front *front, const char *name);
    /* Up to `size` bytes of the body; 0 at its end, -1 when the server or the client broke off. */
    ssize_t (*read)(struct front *front, void *bytes, size_t size);
    /* All bytes, in as few writes as they need; false when nobody reads any more. */
    bool (*write)(struct front *front, const void *bytes, size_t length);
    /* A descriptor that becomes readable when the client may have gone; -1: none. Only after the body's end. */
    int (*watch)(struct front *front);
    /* Has the client gone? Asked once that descriptor is readable. */
    bool (*gone)(struct front *front);
    /* Only a reader of the local host can have set the variables: a unix socket, or the CGI environment. */
    bool (*local)(struct front *front);
};

/* Each kind's own struct begins with this. */
struct front {
    const struct front_kind *kind;
};

#endif
