/* The socket that web servers connect to: bound by us, or passed by systemd. */
#ifndef PENSTOCK_PROCESS_LISTENER_H
#define PENSTOCK_PROCESS_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/base.h"

struct failure;
struct settings;

struct listener {
    int descriptor;  /* close-on-exec */
    char *name;      /* for messages: "/run/penstock/penstock.sock", "127.0.0.1:9000", "descriptor 3" */
    bool ours;       /* bound here: listener_close() also shuts it down for all workers */
    bool path_bound; /* `name` is a unix socket with this device and inode, ours to unlink */
    dev_t device;
    ino_t inode;
};

/* Takes the one socket that systemd passes (sd_listen_fds(3)), else binds `settings->listen`: a path or
 * "unix:PATH"; "ADDRESS:PORT" or "[ADDRESS]:PORT", numeric; ":PORT" or "PORT" is 127.0.0.1. A unix socket has
 * its owner, group and mode before its name appears. A socket of that name is replaced if no process listens
 * on it; else this fails. */
bool listener_open(const struct settings *settings, struct listener *listener,
                   struct failure *why) MUST_CHECK;

/* Takes a socket that another process has opened and that outlives us. Fails if it does not listen. */
bool listener_adopt(int descriptor, struct listener *listener, struct failure *why) MUST_CHECK;

/* Is this a listening socket? (SO_ACCEPTCONN, socket(7)) */
bool listener_is_socket(int descriptor);

/* Closes the socket. One that we bound is also shut down: from now on it refuses connections, accept() fails
 * with EINVAL in every process that holds it, and its name is unlinked if it still names our socket. */
void listener_close(struct listener *listener);

#endif
