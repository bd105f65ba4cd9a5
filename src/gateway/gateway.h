/* What a process needs to run exchanges: prepared before it is forked, opened by it, closed at its end. */
#ifndef PENSTOCK_GATEWAY_GATEWAY_H
#define PENSTOCK_GATEWAY_GATEWAY_H

struct services;
struct settings;

/* Once, before any fork: what the libraries set up at their first use is then shared by all children. */
void gateway_prepare(void);

/* In the parent, before the children that use these settings are forked: reads once what each of them would
 * read for itself. The children's gateway_open() finds it. */
void gateway_share(const struct settings *settings);

/* Opens what exchanges use; `settings` must live as long. The caller sets what is about the process itself:
 * `mode`, `stop`, `keep_connections`, `pool_facts`. */
void gateway_open(struct services *services, const struct settings *settings);

/* Closes all of it, `stop` too. */
void gateway_close(struct services *services);

/* Writes the usage records of exchanges that dead processes have left, and settles them. */
void gateway_recover(const struct settings *settings);

#endif
