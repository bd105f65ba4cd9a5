/* A worker: requests by FastCGI, one after the other, until told to leave. Where the two towers touch. */
#ifndef PENSTOCK_PROCESS_WORKER_H
#define PENSTOCK_PROCESS_WORKER_H

#include <stddef.h>

struct scoreboard;
struct settings;

/* Once per process tree, before any fork: what the libraries set up at their first use is then shared by all
 * workers. */
void worker_prepare(void);

/* In the parent, before the workers of these settings are forked: reads what all of them need. */
void worker_share(const struct settings *settings);

/* The life of a worker on `listener`; `board` may be NULL. Returns when it was told to leave (SIGTERM) or has
 * served max_requests; SIGQUIT ends the request it is at with an error. */
void worker_run(const struct settings *settings, int listener, struct scoreboard *board, size_t row);

/* Finishes what workers that died have left undone, and returns. */
void worker_tidy(const struct settings *settings);

/* The one request of a CGI process. */
void worker_answer_cgi(const struct settings *settings);

/* What a CGI process answers when its settings are of no use. */
void worker_refuse_cgi(void);

#endif
