/* The web server as the request tower sees it: variables, a body to read, an answer to write. */
#ifndef PENSTOCK_FRONT_FRONT_H
#define PENSTOCK_FRONT_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/base.h"

struct front;

/* Whether more of the answer follows soon: the last part may wait for the finish and leave together with it.
 */
enum front_more { FRONT_FLUSH, FRONT_LAST };

#define FRONT_ADDRESS_SIZE 46 /* an IPv6 address in writing (INET6_ADDRSTRLEN) */

struct front_ops {
    const char *name; /* "cgi" or "fastcgi" */
    /* A meta-variable (RFC 3875, 4.1), or NULL. Lives as long as the request. */
    const char *(*variable)(struct front *front, const char *name);
    /* Up to `size` bytes of the body; 0 at its end, -1 when the server or the client broke off. */
    ssize_t (*read)(struct front *front, void *bytes, size_t size);
    /* All parts, in as few writes as they need; false when nobody reads any more. */
    bool (*write)(struct front *front, const struct iovec *parts, size_t count, enum front_more more);
    /* A descriptor that becomes readable when the client may have gone; -1: none. Only after the body's end.
     */
    int (*wait)(struct front *front);
    /* Has the client gone? Asked once that descriptor is readable. */
    bool (*gone)(struct front *front);
    /* Did the server start us, or a unix socket let it in? Else `address` has where it is, "" if unknown. */
    bool (*is_unix_socket)(struct front *front, char address[FRONT_ADDRESS_SIZE]);
    /* Ends the request: the server has all of the answer; variables no longer hold. */
    void (*finish)(struct front *front);
};

/* Each kind's own struct begins with this. */
struct front {
    const struct front_ops *ops;
};

#endif
