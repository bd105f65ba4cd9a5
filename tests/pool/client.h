/* Clients of pool_probe: each sends a line and waits for one; single ones and a crowd. */
#ifndef POOL_CLIENT_H
#define POOL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service.h"

#define ANSWER_SIZE 1024

/* Connects and sends the line; the descriptor, -1 if it cannot connect. */
int client_connect(const struct service *service, const char *line);
void client_send(int client, const char *line);

/* One line of answer, without its end; false if none came in `ms` or the other side closed. */
bool client_receive(int client, char answer[static ANSWER_SIZE], int64_t ms);
/* Waits until the other side closes; false if it sends something. */
bool client_is_cut_off(int client);
/* Has neither an answer nor an end come yet? */
bool client_still_waits(int client);

/* client_connect(), client_receive() and close(); the check fails without an answer. */
void client_ask(const struct service *service, const char *line, char answer[static ANSWER_SIZE]);
/* The number after "NAME=" in an answer; -1 when it is not there. */
long number_in(const char *answer, const char *name);
/* The generation that answers now; 0: no answer. */
long generation_now(const struct service *service);

/* Connects clients that keep a worker each; returns when each has one. */
void hold_workers(const struct service *service, size_t count, int clients[], pid_t workers[]);
/* Ends the requests of these clients; each must get its answer. */
void release_workers(size_t count, const int clients[]);

/* Sends "who" once: was it answered? */
bool client_ask_who(const struct service *service);

/* Processes that send one request after the other, until stopped. */
struct crowd;
struct crowd *crowd_start(const struct service *service, size_t size,
                          bool (*ask_once)(const struct service *service));
/* How many requests were answered up to now. */
unsigned long crowd_served(const struct crowd *crowd);

struct crowd_score {
    unsigned long served, failed;
};
struct crowd_score crowd_stop(struct crowd *crowd);

#endif
