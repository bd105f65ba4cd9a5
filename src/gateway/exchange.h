/* One exchange, from the request to its usage record. */
#ifndef PENSTOCK_GATEWAY_EXCHANGE_H
#define PENSTOCK_GATEWAY_EXCHANGE_H

struct front;
struct services;

/* Answers the request at `front`, finishes it and writes its usage record. Never fails: a failure is a
 * response too. */
void exchange_run(const struct services *services, struct front *front);

#endif
