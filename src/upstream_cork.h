/* The head of a request to a provider and the first of its body leave in one segment. */
#ifndef UPSTREAM_CORK_H
#define UPSTREAM_CORK_H

#include <stdint.h>

struct upstream_cork {
    uint64_t sockets; /* a bit for each that holds back what is not a full segment */
};

/* All sockets that the handle, a CURL, opens from now on hold back; `cork` must outlive them. */
void upstream_cork_watch(struct upstream_cork *cork, void *easy);

/* What was held back leaves. Due after each turn in which libcurl may have sent something; without it the
 * kernel waits 200 ms (tcp(7), TCP_CORK). */
void upstream_cork_flush(const struct upstream_cork *cork);

#endif
