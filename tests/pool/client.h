/* Who comes to a pool with a line and waits for one: a single client, and a crowd. */
#ifndef POOL_CLIENT_H
#define POOL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service.h"

#define ANSWER_SIZE 1024

/* Connects and says the line; the descriptor, -1 when nobody listens. */
int client_connect(const struct service *service, const char *line);
void client_send(int client, const char *line);

/* One line of answer, without its end; false when none came in `ms` or the other side left. */
bool client_receive(int client, char answer[static ANSWER_SIZE], int64_t ms);
/* Has the other side left without a word? Waits for it. */
bool client_is_cut_off(int client);
/* Is there nothing to hear yet? */
bool client_still_waits(int client);

/* client_connect(), client_receive() and close(); the check fails without an answer. */
void client_ask(const struct service *service, const char *line, char answer[static ANSWER_SIZE]);
/* The number after "NAME=" in an answer; -1 when it is not there. */
long number_in(const char *answer, const char *name);
/* The generation that answers now; 0 when nobody does. */
long generation_now(const struct service *service);

/* Visitors who hold a worker each, all answered. */
void hold_workers(const struct service *service, size_t count, int clients[], pid_t workers[]);
/* They are done, and hear so. */
void release_workers(size_t count, const int clients[]);

/* Asks "who" once: was it answered? */
bool client_ask_who(const struct service *service);

/* Processes that ask without pause, until stopped. */
struct crowd;
struct crowd *crowd_start(const struct service *service, size_t size,
                          bool (*ask_once)(const struct service *service));
/* How many questions were answered up to now. */
unsigned long crowd_served(const struct crowd *crowd);

struct crowd_score {
    unsigned long served, failed;
};
struct crowd_score crowd_stop(struct crowd *crowd);

#endif
