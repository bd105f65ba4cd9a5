/* One request, from its first variable to its usage record. */
#ifndef PENSTOCK_GATEWAY_EXCHANGE_H
#define PENSTOCK_GATEWAY_EXCHANGE_H

struct front;
struct services;

/* Answers the request at `front`, ends it and writes its record; never fails: what goes wrong is the answer.
 */
void exchange_run(const struct services *services, struct front *front);

#endif
