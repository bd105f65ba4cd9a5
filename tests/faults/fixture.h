/* The world of one row: a faulty provider, a healthy one, and a gateway that knows both. */
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

/* Starts all of it. False where the machine has not what the row wants, with the words why. */
bool fixture_open(struct fixture *fixture, struct text *why);

/* Sends the row's request. */
void fixture_ask(const struct fixture *fixture, struct talk *talk);

/* Starts a program with the fixture's standard error; `out` becomes descriptor 1. */
pid_t fixture_start(const struct fixture *fixture, const char *const *arguments, int out);

/* A file of its folder; freed with free(). */
char *fixture_path(const struct fixture *fixture, const char *name);

/* Ends the programs; the gateway's wait status. The folder stays for whoever made it. */
int fixture_close(struct fixture *fixture);

/* Does the gateway obey such a line of its settings? */
bool gateway_knows(const char *penstock, const char *line);

#endif
