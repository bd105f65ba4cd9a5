/* Clients that do all that clients do, without pause. */
#ifndef SOAK_TRAFFIC_H
#define SOAK_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct site;

#define CLIENTS 10
#define MOST_REQUESTS (8L * 1024 * 1024) /* that are told apart; an hour has less than half of it */
#define MOST_ERRANDS 24

/* What is known of a request, by its number. */
enum fate {
    FATE_UNKNOWN,   /* nobody has asked so, or it was lost with its worker */
    FATE_LEFT,      /* its client left before it heard anything: it may not have reached a worker */
    FATE_ANSWERED,  /* the gateway said something: it must have a record */
    FATE_DISTURBED, /* the web server said that the gateway did not: its worker was killed */
};

/* Shared by all processes. */
struct traffic {
    bool over;
    struct {
        long good, bad;
    } errands[MOST_ERRANDS];
    unsigned char fates[MOST_REQUESTS];
};

/* What an request is called; NULL past the end. */
const char *errand_name(size_t request);

/* The settings that the traffic wants, after those of the site. */
const char *traffic_settings(void);

void traffic_start(struct traffic *traffic, const struct site *site, pid_t clients[CLIENTS]);
/* Each finishes what it has begun. */
void traffic_stop(struct traffic *traffic, const pid_t clients[CLIENTS]);

/* Requests that went as they should, those that did not, and those that a kill has disturbed. */
long traffic_good(const struct traffic *traffic);
long traffic_bad(const struct traffic *traffic);
long traffic_disturbed(const struct traffic *traffic, long asked);

#endif
