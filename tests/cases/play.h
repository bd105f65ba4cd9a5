/* Plays a case on its stage. */
#ifndef CASES_PLAY_H
#define CASES_PLAY_H

#include <stdbool.h>

struct stage;

/* Every round, then what upstream heard and what the records show. `loud`: prints what was heard. */
void play(struct stage *stage, bool loud);

#endif
