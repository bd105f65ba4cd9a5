/* Clients that send one request after the other, each in a process. */
#ifndef SERVERS_CROWD_H
#define SERVERS_CROWD_H

#include <stddef.h>
#include <sys/types.h>

#define CROWD_MAX 16

struct site;

struct crowd {
    const struct site *site;
    size_t size;
    pid_t members[CROWD_MAX];
};

/* They count in site->common which requests were answered as they should be.  */
void crowd_start(struct crowd *crowd, const struct site *site, size_t size);

/* Waits until so many more have been answered; ends the check when that takes too long. */
void crowd_await(const struct crowd *crowd, long more);

/* Each finishes what it has begun. */
void crowd_stop(struct crowd *crowd);

#endif
