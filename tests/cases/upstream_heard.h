/* What the fake provider heard, against what the case says it must hear. */
#ifndef CASES_UPSTREAM_HEARD_H
#define CASES_UPSTREAM_HEARD_H

#include <stdbool.h>

struct stage;

/* Exactly as many requests as the case has parts "upstream must hear", and each as its part says. */
void compare_upstream(struct stage *stage, bool loud);

#endif
