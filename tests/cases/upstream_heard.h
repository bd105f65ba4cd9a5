/* Compares the requests that the fake provider received with those that the case expects. */
#ifndef CASES_UPSTREAM_HEARD_H
#define CASES_UPSTREAM_HEARD_H

#include <stdbool.h>

struct stage;

/* There must be as many requests as parts "upstream must hear", each as its part says. */
void compare_upstream(struct stage *stage, bool loud);

#endif
