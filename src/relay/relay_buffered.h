/* An answer held to its end, looked at, and passed on in one piece. */
#ifndef RELAY_WHOLE_H
#define RELAY_WHOLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "errors/failure_map.h"

struct failure;
struct heading;
struct relay_job;
struct reply;
struct watch;

/* Waits for the whole answer and passes it on; as relay_run(). */
bool relay_whole(struct relay_job *job, struct watch *watch, struct failure *why) MUST_CHECK;

/* Passes on an answer that has ended; false with the cause when it is no good one. */
bool relay_pass(struct relay_job *job, struct failure *why) MUST_CHECK;

/* What the provider answered, for failure_map(). */
struct provider_answer relay_given(const struct relay_job *job, const char *body, size_t length);

/* A JSON answer of status 200 with its header lines. */
void relay_answer(struct reply *reply, const struct heading *heading, const char *body, size_t length);
/* The same of another status or type. */
void relay_answer_as(struct reply *reply, const struct heading *heading, int status, const char *type,
                     const char *body, size_t length);

#endif
