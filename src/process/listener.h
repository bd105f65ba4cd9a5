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
    bool path_bound; /* `name` is a unix socket with this device and inode, which we unlink */
    dev_t device;
    ino_t inode;
};

/* Takes the socket that systemd passes (sd_listen_fds(3)). Without one, binds `settings->listen`: a path or
 * "unix:PATH"; "ADDRESS:PORT" or "[ADDRESS]:PORT", numeric; ":PORT" or "PORT" for 127.0.0.1. A unix socket
 * has its owner, group and mode before its name appears. Replaces an existing socket of the same name if no
 * process listens on it, and fails otherwise. */
bool listener_open(const struct settings *settings, struct listener *listener,
                   struct failure *why) MUST_CHECK;

/* Takes a socket that another process has opened and that outlives this process. Fails if it is not a
 * listening socket. */
bool listener_adopt(int descriptor, struct listener *listener, struct failure *why) MUST_CHECK;

/* True if the descriptor is a listening socket (SO_ACCEPTCONN, socket(7)). */
bool listener_is_socket(int descriptor);

/* Closes the socket. A socket that we bound is also shut down: it then refuses connections, and accept()
 * fails with EINVAL in every process that holds it. The name is unlinked if it still refers to our socket. */
void listener_close(struct listener *listener);

#endif
