/* A client of providers that has made one connection in vain, so that what libcurl sets up then is there. */
#ifndef PENSTOCK_UPSTREAM_UPSTREAM_PREWARM_H
#define PENSTOCK_UPSTREAM_UPSTREAM_PREWARM_H

struct upstream;

/* Before the fork of those who will use it, each its own copy: what is set up now they share. Never NULL; no
 * connection is left in it. */
struct upstream *upstream_prewarm(void);

#endif
