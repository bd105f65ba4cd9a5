/* What all exchanges of a process share: connections to providers and sessions of TLS, in the event loop. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_HUB_H
#define PENSTOCK_UPSTREAM_UPSTREAM_HUB_H

#include <stddef.h>

struct loop;
struct upstream_hub;

/* Never returns NULL. It may be created before the fork; each child attaches its copy to its loop.
 * upstream_hub_prewarm() also creates what libcurl needs with its first connection, so that it stays in
 * memory that all children share. */
struct upstream_hub *upstream_hub_create(void);
struct upstream_hub *upstream_hub_prewarm(void);

/* Puts its sockets and timer into `loop`. Up to `kept_connections` stay open for the next exchanges. */
void upstream_hub_attach(struct upstream_hub *hub, struct loop *loop, size_t kept_connections);

/* Closes the connections. No upstream of the hub may be left. */
void upstream_hub_destroy(struct upstream_hub *hub);

#endif
