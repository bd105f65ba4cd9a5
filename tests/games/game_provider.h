/* A provider of a game: a process whose answers the game makes. */
#ifndef GAMES_PROVIDER_H
#define GAMES_PROVIDER_H

#include <sys/types.h>

#include "tests/upstream/connection.h"

/* Starts it on 127.0.0.1. `answer` runs in the new process, which has a copy of our memory: what both have to
 * know stands in shared memory. The process dies with us. */
pid_t game_provider_start(answer_request *answer, unsigned *port);

/* Memory that the processes of a game share, all zero. */
void *game_share(size_t size);

#endif
