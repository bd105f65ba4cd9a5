/* One request to a mounting, by HTTP, or by FastCGI where no web server is. */
#ifndef SERVERS_VISIT_H
#define SERVERS_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../kit/talk.h"
#include "../kit/text.h"

struct stage;

/* What is asked for. */
struct errand {
    const char *method, *path;  /* the path follows the mounting's prefix, or is absolute after "//" */
    const char *key;            /* NULL: none is shown */
    const char *body;           /* NULL: none */
    const char *type;           /* of the body; NULL: JSON */
    const char *const *headers; /* more: name, value, ..., NULL; or NULL */
    size_t length;
    bool unnumbered; /* leaves no record */
    bool in_pieces;  /* by HTTP, the body follows when the head was read */
};

struct visit {
    const struct stage *stage;
    char id[32]; /* its X-Request-Id; "": none */
    struct talk talk;
    bool fastcgi, head_only;
    struct text head, body; /* what came, chunks taken apart */
    int status;             /* 0: no head yet */
    bool whole;             /* the answer has ended as it should */
};

/* Connects and begins to ask; false: nobody listens. visit_end() in any case. */
bool visit_begin(struct visit *visit, const struct stage *stage, const struct errand *errand);

/* Sends and hears what there is for up to `ms`; false once the connection has ended. */
bool visit_step(struct visit *visit, int64_t ms);

/* Listens to the end; was it whole, and in time? */
bool visit_listen(struct visit *visit, int64_t ms);

/* Listens until the body holds the words; did they come in time? */
bool visit_hears(struct visit *visit, const char *words, int64_t ms);

/* A header of the answer, freed with free(); NULL: it is not there. */
char *visit_header(const struct visit *visit, const char *name);

/* Our port of the connection, by HTTP. */
unsigned visit_port(const struct visit *visit);

/* The client goes, wherever the answer is. */
void visit_leave(struct visit *visit);
void visit_end(struct visit *visit);

/* Begins to ask the model something, with the visitor's key. Ends the check when nobody listens. */
void visit_chat(struct visit *visit, const struct stage *stage, const char *model, bool stream);
/* The same, head and body one after the other. */
void visit_chat_in_pieces(struct visit *visit, const struct stage *stage, const char *model, bool stream);
/* Any errand, heard to its end. Ends the check when that does not come. */
void visit_whole(struct visit *visit, const struct stage *stage, const struct errand *errand);

#endif
