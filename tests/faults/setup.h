/* What a row needs besides its providers. */
#ifndef FAULTS_SETUP_H
#define FAULTS_SETUP_H

#include <stdbool.h>

struct fixture;
struct text;

/* Does what the row's line "setup" says; the providers are there, the gateway is not. False where this
 * machine cannot, with the reason. */
bool setup(struct fixture *fixture, struct text *why);

#endif
