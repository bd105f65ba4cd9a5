/* Plays a case on its stage. */
#ifndef CASES_PLAY_H
#define CASES_PLAY_H

#include <stdbool.h>

struct stage;

/* Plays every round, then checks what upstream received and the records. `loud`: prints every answer. */
void play(struct stage *stage, bool loud);

#endif
