/* The counters and the log of the fake provider. */
#ifndef UPSTREAM_JOURNAL_H
#define UPSTREAM_JOURNAL_H

#include <stddef.h>

struct text;

struct journal {
    long requests;             /* complete requests, without /_state and /confirm */
    long connections;          /* ever accepted */
    long open;                 /* open now */
    long answering;            /* open now, with an answer under way */
    long answering_most;       /* largest number at the same time */
    long completed;            /* answers given to their end */
    long closed_by_peer_early; /* the peer left while an answer was under way */
    int log;                   /* descriptor; -1: no log */
};

extern struct journal journal;

/* Opens (and empties) the log. */
void journal_open(const char *path);

/* "request N connection C bytes B", a newline, the B bytes as they came, a newline. */
void journal_request(long connection, const char *bytes, size_t length);

/* An answer begins. */
void journal_answer(void);

/* "left connection C": its peer went before the end of the answer. */
void journal_left(long connection);

/* The counters as a JSON object. */
void journal_state(struct text *json);

#endif
