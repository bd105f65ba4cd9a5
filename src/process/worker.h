/* A worker: serves requests by FastCGI, several at a time, until it is told to exit. */
#ifndef PENSTOCK_PROCESS_WORKER_H
#define PENSTOCK_PROCESS_WORKER_H

#include <stddef.h>

struct scoreboard;
struct settings;

/* Runs a worker on `listener`; `board` may be NULL. Returns when the worker was told to exit (SIGTERM), has
 * served max_requests or the socket was shut down. SIGQUIT ends the running request with an error first. */
void worker_run(const struct settings *settings, int listener, struct scoreboard *board, size_t slot);

#endif
