/* A request with a body is given to one connection, once. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_ONCE_H
#define PENSTOCK_UPSTREAM_UPSTREAM_ONCE_H

#include <stdbool.h>

struct upstream_once {
    bool guarded; /* the request may not be sent again, and libcurl could do it */
    bool sent, refused;
};

/* Has `once` looked at by libcurl; false: this libcurl does not let us see when it sends. */
bool upstream_once_watch(struct upstream_once *once, void *easy);

#endif
