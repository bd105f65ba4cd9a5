/* Prepares, opens and closes the services that a process needs to run exchanges. */
#ifndef PENSTOCK_GATEWAY_GATEWAY_H
#define PENSTOCK_GATEWAY_GATEWAY_H

struct services;
struct settings;

/* Initializes the libraries. Called once, before any fork, so that all children share the memory. */
void gateway_prepare(void);

/* Loads the data that depends on the settings, once for all children. Called in the parent before the fork;
 * gateway_open() in the children uses the loaded data. */
void gateway_share(const struct settings *settings);

/* Opens the services. `settings` must outlive them. The caller sets the members that describe the process:
 * `mode`, `stop`, `keep_connections` and `pool_facts`. */
void gateway_open(struct services *services, const struct settings *settings);

/* Closes all services, and the descriptor `stop`. */
void gateway_close(struct services *services);

/* Settles the exchanges that dead processes left open, and writes their usage records. */
void gateway_recover(const struct settings *settings);

#endif
