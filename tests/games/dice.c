/* Draws numbers by SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014). */
#include "dice.h"

static uint64_t next(struct dice *dice)
{
    uint64_t mixed = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

struct dice dice_of(uint64_t seed, uint64_t number)
{
    struct dice dice = {seed};
    dice.state = next(&dice) ^ (number * UINT64_C(0xd1342543de82ef95));
    next(&dice);
    return dice;
}

unsigned dice_roll(struct dice *dice, unsigned sides)
{
    return (unsigned)((next(dice) >> 16) % sides);
}

unsigned dice_between(struct dice *dice, unsigned least, unsigned most)
{
    return least + dice_roll(dice, most - least + 1);
}

bool dice_chance(struct dice *dice, unsigned percent)
{
    return dice_roll(dice, 100) < percent;
}
