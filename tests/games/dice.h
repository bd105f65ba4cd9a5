/* Numbers that look random and come again with the same seed. */
#ifndef GAMES_DICE_H
#define GAMES_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* A sequence for each pair of seed and number. */
struct dice dice_of(uint64_t seed, uint64_t number);

/* From 0 to `sides` - 1; `sides` is at least 1. */
unsigned dice_roll(struct dice *dice, unsigned sides);

/* From `least` to `most`, both included. */
unsigned dice_between(struct dice *dice, unsigned least, unsigned most);

/* True in so many of a hundred cases. */
bool dice_chance(struct dice *dice, unsigned percent);

#endif
