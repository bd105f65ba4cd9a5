/* A Redis of the test's own, in a folder of its own. */
#ifndef KIT_REDIS_H
#define KIT_REDIS_H

#include <stdbool.h>
#include <sys/types.h>

struct redis_server {
    const char *settings; /* lines of its file, NULL: none */
    char *folder, *socket, *url;
    pid_t pid; /* 0: it does not run */
};

/* Is redis-server installed? */
bool redis_server_possible(void);

/* Starts it, empty, in a fresh folder or in the one it had, open to every user, and waits until it answers.
 */
void redis_server_start(struct redis_server *server);

/* Kills it. */
void redis_server_kill(struct redis_server *server);

/* Kills it, and removes its folder. */
void redis_server_end(struct redis_server *server);

/* Sends it one line; does the answer begin with these bytes? */
bool redis_server_says(const struct redis_server *server, const char *line, const char *answer);

#endif
