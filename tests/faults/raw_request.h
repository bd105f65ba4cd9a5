/* Requests that no web server would send, to a gateway by FastCGI. */
#ifndef FAULTS_RAW_REQUEST_H
#define FAULTS_RAW_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "../pool/checks.h"
#include "../pool/service.h"

struct talk;
struct text;

/* Each list ends with a NULL name. */
extern const struct check queue_checks[], resource_checks[], client_checks[], stopped_checks[],
    clock_checks[], garbage_checks[];

/* How many requests of garbage to send: 10,000 unless the command line says otherwise. */
extern unsigned garbage_count;

/* The bytes of a whole request; `header` is "Name: value" or NULL. */
void raw_request(struct text *bytes, const char *method, const char *url, const char *header,
                 const void *body, size_t length);

/* A chat's body for that model. */
void raw_chat_body(struct text *body, const char *model, bool stream);

/* Connects and sends these bytes as far as they are taken; the socket. */
int raw_send(const struct service *service, const struct text *bytes);

/* Reads up to the other side's end, for `ms` at most; what came. False when it does not end. */
bool raw_receive(int socket, struct text *bytes, int64_t ms);

/* The status of the answer in those records; 0: there is none. */
int raw_status(const struct text *records);

/* One whole request: its status; the answer's CGI form in `heard`, if that is not NULL. */
int raw_ask(const struct service *service, const char *method, const char *url, const char *header,
            const void *body, size_t length, struct text *heard);

/* Fails unless a worker answers a chat within `ms`. `after`: what happened before, for the message. */
void expect_service_within(const struct service *service, int64_t ms, const char *after);

/* Fails if a worker has died. */
void expect_no_worker_died(const struct service *service);

#endif
