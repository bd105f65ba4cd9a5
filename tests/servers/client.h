/* One request to a mounting, by HTTP, or by FastCGI where no web server is. */
#ifndef SERVERS_CLIENT_H
#define SERVERS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../kit/talk.h"
#include "../kit/text.h"

struct site;

/* What is asked for. */
struct http_request {
    const char *method, *path;  /* the path follows the mounting's prefix, or is absolute after "//" */
    const char *key;            /* NULL: none is shown */
    const char *body;           /* NULL: none */
    const char *type;           /* of the body; NULL: JSON */
    const char *const *headers; /* more: name, value, ..., NULL; or NULL */
    size_t length;
    bool unnumbered; /* leaves no record */
    bool in_pieces;  /* by HTTP, the body follows when the head was read */
};

struct http_client {
    const struct site *site;
    char id[32]; /* its X-Request-Id; "": none */
    struct talk talk;
    bool fastcgi, head_only;
    struct text head, body; /* what came, chunks taken apart */
    int status;             /* 0: no head yet */
    bool complete;          /* the answer has ended as it should */
};

/* Connects and begins to send; false if it cannot connect. Call client_end() in any case. */
bool client_begin(struct http_client *client, const struct site *site, const struct http_request *request);

/* Sends and receives for up to `ms`; false once the connection has ended. */
bool client_step(struct http_client *client, int64_t ms);

/* Receives to the end; is the answer complete, and in time? */
bool client_receive_all(struct http_client *client, int64_t ms);

/* Receives until the body contains the words; did they come in time? */
bool client_receives(struct http_client *client, const char *words, int64_t ms);

/* A header of the answer, freed with free(); NULL: it is not there. */
char *client_header(const struct http_client *client, const char *name);

/* Our port of the connection, by HTTP. */
unsigned client_port(const struct http_client *client);

/* The client goes, wherever the answer is. */
void client_leave(struct http_client *client);
void client_end(struct http_client *client);

/* Begins a chat with that model and CLIENT_KEY. Ends the check if it cannot connect. */
void client_chat(struct http_client *client, const struct site *site, const char *model, bool stream);
/* The same, head and body one after the other. */
void client_chat_in_pieces(struct http_client *client, const struct site *site, const char *model,
                           bool stream);
/* Any request, heard to its end. Ends the check when that does not come. */
void client_ask(struct http_client *client, const struct site *site, const struct http_request *request);

#endif
