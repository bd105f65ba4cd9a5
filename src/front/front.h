/* One request of a web server, by CGI or FastCGI: variables and a body to read, a response to write. */
#ifndef PENSTOCK_FRONT_FRONT_H
#define PENSTOCK_FRONT_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/base.h"

struct front;

/* FRONT_LAST: finish() follows soon, so this last part may wait for it and leave in the same write. */
enum front_more { FRONT_FLUSH, FRONT_LAST };

#define FRONT_ADDRESS_SIZE 46 /* INET6_ADDRSTRLEN */

struct front_ops {
    const char *name; /* "cgi" or "fastcgi" */
    /* A meta-variable (RFC 3875, 4.1), or NULL. Valid until finish(). */
    const char *(*variable)(struct front *front, const char *name);
    /* Up to `size` bytes of the body; 0 at its end, -1 if the server or the client has broken off. */
    ssize_t (*read)(struct front *front, void *bytes, size_t size);
    /* Writes all parts, in as few system calls as possible; false if the web server no longer reads. */
    bool (*write)(struct front *front, const struct iovec *parts, size_t count, enum front_more more);
    /* A descriptor that becomes readable when the client may have gone. Only after the end of the body. */
    int (*gone_descriptor)(struct front *front);
    /* Has the client gone? Call it when that descriptor is readable. */
    bool (*gone)(struct front *front);
    /* Is the web server on this machine for certain: has it started us, or connected by a unix socket? If
     * not, `address` has its address, "" if unknown. */
    bool (*is_local)(struct front *front, char address[FRONT_ADDRESS_SIZE]);
    /* Ends the request and lets the web server send the rest of the response. */
    void (*finish)(struct front *front);
};

/* Each kind's own struct begins with this. */
struct front {
    const struct front_ops *ops;
};

#endif
