/* One request of a web server, by CGI or FastCGI. Its variables and body are read, and its response is
 * written. */
#ifndef PENSTOCK_FRONT_FRONT_H
#define PENSTOCK_FRONT_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "base/base.h"

struct front;

/* FRONT_LAST: finish() follows soon. The front keeps the end of this part until then, so that no client has
 * its whole answer before its exchange is settled. */
enum front_more { FRONT_FLUSH, FRONT_LAST };

#define FRONT_ADDRESS_SIZE 46 /* INET6_ADDRSTRLEN */

struct front_ops {
    const char *name; /* "cgi" or "fastcgi" */
    int64_t grace_us; /* time that the process has after the client has left; 0: no limit */
    /* Returns a meta-variable (RFC 3875, 4.1), NULL if it is not set. The text is valid until finish(). */
    const char *(*variable)(struct front *front, const char *name);
    /* Reads the next bytes of the body, up to `size`, and waits only if none has arrived. Returns 0 at its
     * end, -1 if the web server or the client has gone. Returns -1 with errno EAGAIN if nothing came within
     * the time limit; the body can then still be read. */
    ssize_t (*read)(struct front *front, void *bytes, size_t size);
    /* Limits the time that read() waits, in milliseconds, from now on. */
    void (*limit_reads)(struct front *front, int64_t ms);
    /* Writes all parts, in as few system calls as possible. Returns false if the web server no longer
     * reads. */
    bool (*write)(struct front *front, const struct iovec *parts, size_t count, enum front_more more);
    /* From now on the running task is woken when the client may have left. Call it only after the end of the
     * body. */
    void (*watch)(struct front *front);
    /* True if the client has left. Cheap if nothing has happened. */
    bool (*gone)(struct front *front);
    /* True if the web server is certainly on this machine, because it started us or connected by a unix
     * socket. Otherwise `address` is set to its address, "" if unknown. */
    bool (*is_local)(struct front *front, char address[FRONT_ADDRESS_SIZE]);
    /* Ends the request and lets the web server send the rest of the response. */
    void (*finish)(struct front *front);
};

/* The struct of each kind of front begins with this one. */
struct front {
    const struct front_ops *ops;
};

#endif
