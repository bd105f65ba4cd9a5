/* Runs one exchange, from the request to its usage record. */
#ifndef PENSTOCK_GATEWAY_EXCHANGE_H
#define PENSTOCK_GATEWAY_EXCHANGE_H

struct front;
struct services;

/* Answers the request at `front`, finishes it and writes its usage record. Never fails, because every failure
 * becomes an error response. */
void exchange_run(const struct services *services, struct front *front);

#endif
