/* The server's side of a connection over loopback, as the kernel shows it (/proc/net/tcp, proc(5)). */
#ifndef SERVERS_TCP_H
#define SERVERS_TCP_H

#include <stdbool.h>

/* Is it still a connection? A reset ends it. */
bool tcp_is_connected(unsigned server_port, unsigned client_port);

/* Has the server read all that has arrived? */
bool tcp_has_read(unsigned server_port, unsigned client_port);

#endif
