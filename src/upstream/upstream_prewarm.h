/* A client of providers that has made one connection in vain, so that what libcurl sets up then is there. */
#ifndef REHEARSAL_H
#define REHEARSAL_H

struct upstream;

/* Before the fork of those who will use it, each its own copy: what is set up now they share. Never NULL; no
 * connection is left in it. */
struct upstream *rehearsal_upstream(void);

#endif
