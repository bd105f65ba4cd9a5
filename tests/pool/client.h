/* Who comes to a pool with a line and waits for one: a single visitor, and a crowd. */
#ifndef POOL_VISITOR_H
#define POOL_VISITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "service.h"

#define ANSWER_SIZE 1024

/* Connects and says the line; the descriptor, -1 when nobody listens. */
int visit(const struct stage *stage, const char *line);
void say_line(int visitor, const char *line);

/* One line of answer, without its end; false when none came in `ms` or the other side left. */
bool hear_line(int visitor, char answer[static ANSWER_SIZE], int64_t ms);
/* Has the other side left without a word? Waits for it. */
bool hears_nothing(int visitor);
/* Is there nothing to hear yet? */
bool is_silent(int visitor);

/* visit(), hear_line() and close(); the check fails without an answer. */
void ask(const struct stage *stage, const char *line, char answer[static ANSWER_SIZE]);
/* The number after "NAME=" in an answer; -1 when it is not there. */
long number_in(const char *answer, const char *name);
/* The generation that answers now; 0 when nobody does. */
long generation_now(const struct stage *stage);

/* Visitors who hold a worker each, all answered. */
void hold(const struct stage *stage, size_t count, int visitors[], pid_t holders[]);
/* They are done, and hear so. */
void release(size_t count, const int visitors[]);

/* Asks "who" once: was it answered? */
bool ask_who(const struct stage *stage);

/* Processes that ask without pause, until stopped. */
struct crowd;
struct crowd *crowd_start(const struct stage *stage, size_t size,
                          bool (*ask_once)(const struct stage *stage));
/* How many questions were answered up to now. */
unsigned long crowd_served(const struct crowd *crowd);

struct crowd_score {
    unsigned long served, failed;
};
struct crowd_score crowd_stop(struct crowd *crowd);

#endif
