/* Requests that no web server would make, to a gateway over FastCGI. */
#ifndef FAULTS_SIEGE_H
#define FAULTS_SIEGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../pool/checks.h"
#include "../pool/service.h"

struct talk;
struct text;

/* Each list ends with a NULL name. */
extern const struct check crowd_checks[], scarce_checks[], client_checks[], stopped_checks[], clock_checks[],
    garbage_checks[];

/* How many requests of garbage there are: 10,000 unless the command line says otherwise. */
extern unsigned garbage_count;

/* The bytes of a whole request; `header` is "Name: value" or NULL. */
void siege_request(struct text *bytes, const char *method, const char *url, const char *header,
                   const void *body, size_t length);

/* A chat's body for that model. */
void siege_chat_body(struct text *body, const char *model, bool stream);

/* Connects and sends these bytes as far as they are taken; the socket. */
int siege_send(const struct stage *stage, const struct text *bytes);

/* Reads up to the other side's end, for `ms` at most; what came. False when it does not end. */
bool siege_hear(int socket, struct text *bytes, int64_t ms);

/* The status of the answer in those records; 0: there is none. */
int siege_status(const struct text *records);

/* One whole request: its status; the answer's CGI form in `heard`, if that is not NULL. */
int siege_ask(const struct stage *stage, const char *method, const char *url, const char *header,
              const void *body, size_t length, struct text *heard);

/* Nobody but the stage's workers serves: does one answer a chat within `ms`? */
void siege_expect_service(const struct stage *stage, int64_t ms, const char *after);

/* No worker has died of what was done to it. */
void siege_expect_nobody_died(const struct stage *stage);

#endif
