/* One request, from its first variable to its usage record. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

struct front;
struct gateway;

/* Answers the request at `front`, ends it and writes its record; never fails: what goes wrong is the answer.
 */
void exchange_run(const struct gateway *gateway, struct front *front);

#endif
