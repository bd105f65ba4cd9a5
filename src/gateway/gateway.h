/* Prepares, opens and closes the services that a process needs to run exchanges. */
#ifndef PENSTOCK_GATEWAY_GATEWAY_H
#define PENSTOCK_GATEWAY_GATEWAY_H

#include <stddef.h>

struct loop;
struct services;
struct settings;

/* Initializes the libraries. Called once, before any fork, so that all children share the memory. */
void gateway_prepare(void);

/* Loads the data that depends on the settings, once for all children. Called in the parent before the fork;
 * gateway_open() in the children uses the loaded data. */
void gateway_share(const struct settings *settings);

/* Opens the services for up to `exchanges` exchanges at a time. `settings` and `loop` must outlive them. The
 * caller sets the members that describe the process: `mode`, `stop`, `keep_connections` and `pool_facts`. */
void gateway_open(struct services *services, const struct settings *settings, struct loop *loop,
                  size_t exchanges);

/* Returns a copy of the services with an upstream of its own, for one exchange at a time. The caller frees
 * the upstream with upstream_destroy(), before gateway_close(). */
struct services gateway_services_for_exchange(const struct services *services);

/* Closes all services. */
void gateway_close(struct services *services);

/* Settles the exchanges that dead processes left open, and writes their usage records. */
void gateway_recover(const struct settings *settings);

#endif
