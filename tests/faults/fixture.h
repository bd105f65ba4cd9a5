/* What one row runs with: a faulty provider, a healthy one, and a gateway with both. */
#ifndef FAULTS_FIXTURE_H
#define FAULTS_FIXTURE_H

#include <stdbool.h>
#include <sys/types.h>

#include "fault.h"

struct talk;
struct text;

struct fixture {
    const struct fault *fault;
    enum kind kind;
    enum targets targets;
    bool cgi;                        /* a process for the request, no service */
    const char *penstock, *provider; /* programs */
    char *folder;
    unsigned faulty_port, healthy_port, refused_port, deaf_port, tls_port;
    int errors, listener;
    pid_t faulty, healthy, gateway, helper; /* 0: none */
    const char *before; /* shell words that end in exec "$0" "$@", within a mount namespace; NULL: none */
};

/* Starts all of it. False, with the reason, if this machine lacks what the row needs. */
bool fixture_open(struct fixture *fixture, struct text *why);

/* Sends the row's request. */
void fixture_ask(const struct fixture *fixture, struct talk *talk);

/* Starts a program with the fixture's standard error; `out` becomes descriptor 1. */
pid_t fixture_start(const struct fixture *fixture, const char *const *arguments, int out);

/* A file of its folder; freed with free(). */
char *fixture_path(const struct fixture *fixture, const char *name);

/* Ends the programs; the gateway's wait status. The caller removes the folder. */
int fixture_close(struct fixture *fixture);

/* Does the gateway know this setting? */
bool gateway_knows(const char *penstock, const char *line);

#endif
