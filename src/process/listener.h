/* The socket on which the web server finds us: bound by us, or handed over by systemd. */
#ifndef PENSTOCK_PROCESS_LISTENER_H
#define PENSTOCK_PROCESS_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/base.h"

struct failure;
struct settings;

struct listener {
    int descriptor;  /* close-on-exec */
    char *name;      /* for people: "/run/penstock/penstock.sock", "127.0.0.1:9000", "descriptor 3" */
    bool ours;       /* bound here, so that closing it also ends it for others */
    bool path_bound; /* `name` is a unix socket of that device and inode, ours to unlink */
    dev_t device;
    ino_t inode;
};

/* Takes the one socket that systemd passes (sd_listen_fds(3)), else binds `settings->listen`: a path or
 * "unix:PATH"; "ADDRESS:PORT" or "[ADDRESS]:PORT", numeric; ":PORT" or "PORT" is 127.0.0.1. A unix socket has
 * its owner, group and mode before its name appears; a dead one of that name is replaced, a live one refused.
 */
bool listener_open(const struct settings *settings, struct listener *listener,
                   struct failure *why) MUST_CHECK;

/* Takes a socket that somebody else opened; it is not ours to end. Fails when it does not listen. */
bool listener_adopt(int descriptor, struct listener *listener, struct failure *why) MUST_CHECK;

/* Is this a listening socket? (SO_ACCEPTCONN, socket(7)) */
bool listener_is_socket(int descriptor);

/* Closes it. What we bound refuses new connections from now on, in every process that holds it (their
 * accept() fails with EINVAL), and its name is unlinked if it still names our socket. */
void listener_close(struct listener *listener);

#endif
