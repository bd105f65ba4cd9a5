/* The usage log against what clients know of their requests. */
#ifndef SOAK_TALLY_H
#define SOAK_TALLY_H

struct site;
struct traffic;

struct tally {
    long records, twice; /* lines; ids with more than one */
    long missing;        /* answered by the gateway, and no record */
    long unheard;        /* no record and no answer: lost with a worker, or never at one */
    long crashed;        /* records that say so */
    long strange;        /* lines that are no record of ours */
};

void tally_take(struct tally *tally, const struct site *site, const struct traffic *traffic, long asked);

#endif
