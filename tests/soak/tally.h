/* Compares the usage log with what clients know of their requests. */
#ifndef SOAK_TALLY_H
#define SOAK_TALLY_H

struct site;
struct traffic;

struct tally {
    long records, twice; /* lines; ids with more than one */
    long missing;        /* answered by the gateway, and no record */
    long unheard;        /* no record and no answer: lost with a worker, or never reached one */
    long crashed;        /* records with the end "crashed" */
    long strange;        /* lines that are not records of ours */
};

void tally_take(struct tally *tally, const struct site *site, const struct traffic *traffic, long asked);

#endif
