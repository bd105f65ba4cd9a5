/* The header lines that every answer bears (contract, section 3, "Response headers"). */
#ifndef HEADING_H
#define HEADING_H

#include <stdbool.h>
#include <stddef.h>

#include "secret.h"

struct reply;
struct upstream_answer;

struct heading {
    const char *request_id, *provider, *model; /* NULL where not known */
    const char *stale;                         /* providers whose models may be others by now */
    size_t attempts;
    const struct upstream_answer *answer; /* NULL: nobody was asked */
    bool refused;                         /* the failure says itself when to come back */
    struct secrets secrets;               /* a provider may echo them anywhere */
};

/* Adds them; of the provider's own only delays, rate limits and its request id. */
void heading_put(struct reply *reply, const struct heading *heading);

#endif
