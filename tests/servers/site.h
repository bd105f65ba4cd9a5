/* A site under test: penstock behind a web server, a fake provider behind penstock, in one folder. */
#ifndef SERVERS_SITE_H
#define SERVERS_SITE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define PATIENCE_MS 15000
#define CANNOT_RUN 77
#define CLIENT_KEY "visitor-key"
#define KEEPER_KEY "keeper-key" /* of a client with passthrough = true */

/* How a server lets penstock know that a client has left. */
enum notice {
    AT_ONCE,     /* without a write */
    WHEN_WRITTEN /* at the second write, at the latest */
};

struct mounting {
    const char *kind;   /* as tests/servers/mount knows it */
    const char *prefix; /* where the API is */
    enum notice before; /* the first byte of the answer */
    enum notice midway; /* in a stream */
    bool serves;        /* has a master of its own, whose pid is in a file */
    bool escaped;       /* an id with %2F gets through */
};

/* What the checks of a mounting, each a process, have in common. */
struct common {
    long asked;            /* requests that were numbered */
    long lost;             /* of these may have left no record: their worker was killed */
    long answered, failed; /* what a crowd met */
};

struct site {
    const struct mounting *mounting;
    const char *program, *scripts, *provider_program;
    const char *settings; /* more of them, NULL: none */
    const char *journal;  /* where the provider writes down what it hears, NULL: nowhere */
    char *folder;
    unsigned port, provider_port;
    pid_t provider, mount;
    int life; /* the mount script lives until this is closed */
    struct common *common;
};

/* 0: it answers; CANNOT_RUN: its server is not installed (why is in the folder's file "mount.out"); 1: it
 * does not answer. */
int site_open(struct site *site, const struct mounting *mounting);

/* Ends all that was started. False when something of it still runs. */
bool site_close(struct site *site);

/* Writes penstock.conf; what reads it once has to be told. */
void site_configure(const struct site *site, unsigned keepalive_seconds);

/* "FOLDER/NAME", freed with free(). */
char *site_path(const struct site *site, const char *name);

/* A counter of the fake provider (journal.h). */
long site_provider_counter(const struct site *site, const char *counter);

/* Tells the fake provider that the frame "TAG.N" has arrived. */
void site_confirm(const struct site *site, const char *tag, unsigned frame);

/* How often the words stand in a file of the folder. */
size_t site_count_words(const struct site *site, const char *name, const char *words);

#endif
