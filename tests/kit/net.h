/* Sockets for tests, on this machine only. */
#ifndef KIT_NET_H
#define KIT_NET_H

#include <stdbool.h>
#include <stdint.h>

struct text;

/* A listening unix socket, mode 0666, not inheritable unless passed on purpose. */
int net_listen_unix(const char *path);

/* Tries for `ms` milliseconds; -1: no server accepted the connection. */
int net_connect_unix(const char *path, int64_t ms);
int net_connect_tcp(unsigned port, int64_t ms);

/* Binds a TCP port without listening on it; as long as the descriptor is open no server can. */
int net_refusing_port(unsigned *port);

/* GET on 127.0.0.1; the answer's body. False when none came in `ms`. */
bool net_get(unsigned port, const char *target, struct text *body, int64_t ms);

#endif
