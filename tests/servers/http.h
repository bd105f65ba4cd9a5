/* An HTTP/1.1 answer as it stands on the wire (RFC 9112). */
#ifndef SERVERS_HTTP_H
#define SERVERS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct text;

struct http_answer {
    int status; /* 0: the head is not all there */
    const char *head;
    size_t head_length;
    bool whole; /* all that was announced has come */
};

/* Appends what is there of the body; `ended`: nothing more will come. */
void http_parse(struct http_answer *answer, const struct text *wire, bool ended, struct text *body);

#endif
