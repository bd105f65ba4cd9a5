/* Clients that send mixed traffic without pause. */
#ifndef SOAK_TRAFFIC_H
#define SOAK_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct site;

#define CLIENTS 10
#define MOST_REQUESTS (8L * 1024 * 1024) /* requests with a number; an hour has less than half of them */
#define MOST_ERRANDS 24

/* What a client knows of its request, by number. */
enum fate {
    FATE_UNKNOWN,   /* not sent, or lost with its worker */
    FATE_LEFT,      /* its client left before any answer: it may not have reached a worker */
    FATE_ANSWERED,  /* the gateway answered: it must have a record */
    FATE_DISTURBED, /* the web server reported that the gateway did not answer: its worker was killed */
};

/* Shared by all processes. */
struct traffic {
    bool over;
    struct {
        long good, bad;
    } errands[MOST_ERRANDS];
    unsigned char fates[MOST_REQUESTS];
};

/* The name of an errand; NULL past the end. */
const char *errand_name(size_t errand);

/* The settings that the traffic needs, after those of the site. */
const char *traffic_settings(void);

void traffic_start(struct traffic *traffic, const struct site *site, pid_t clients[CLIENTS]);
/* Stops the clients; each finishes its request. */
void traffic_stop(struct traffic *traffic, const pid_t clients[CLIENTS]);

/* Counts requests that were answered as expected, others, and those that a kill has disturbed. */
long traffic_good(const struct traffic *traffic);
long traffic_bad(const struct traffic *traffic);
long traffic_disturbed(const struct traffic *traffic, long asked);

#endif
