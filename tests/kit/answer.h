/* A gateway's answer in CGI form (RFC 3875, 6), or a provider's request, as head and body. */
#ifndef KIT_ANSWER_H
#define KIT_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

struct answer {
    int status; /* 200 where no Status line is; 0: there is no head at all */
    const char *head, *body;
    size_t head_length, body_length;
};

/* Finds head and body; both are views into `bytes`, which must be NUL-terminated. */
void answer_parse(struct answer *answer, const char *bytes, size_t length);

/* A copy of the header's value, NULL: it is not there; freed with free(). */
char *answer_header(const struct answer *answer, const char *name);

/* How often the header is there. */
size_t answer_header_count(const struct answer *answer, const char *name);

#endif
