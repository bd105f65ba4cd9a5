/* Listens for the fake provider's connections and serves them. */
#ifndef UPSTREAM_SERVER_H
#define UPSTREAM_SERVER_H

#include "connection.h"

/* Listens on 127.0.0.1; 0: any free port. Ends the test when it cannot. Sets `*port` to the port. */
int server_listen(unsigned *port);

/* Serves for ever. After each round of events `round` is called; NULL: nothing is. */
_Noreturn void server_run(int listener, answer_request *answer, void (*round)(void));

#endif
