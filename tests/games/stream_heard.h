/* What a client has seen of a stream. */
#ifndef GAMES_STREAM_HEARD_H
#define GAMES_STREAM_HEARD_H

#include <stdbool.h>
#include <stddef.h>

#include "stream_scenario.h"

struct stream_seen {
    int status;
    bool streamed, charset; /* an event stream; with charset=utf-8 */
    bool whole;             /* the gateway ended the request */
    char content[CHOICES_MAX][400], reasoning[CHOICES_MAX][400], calls[2][64];
    unsigned dones, errors, usage_frames; /* errors: of Responses, response.failed */
    unsigned after_done;                  /* events after [DONE] */
    unsigned strange;                     /* events that are not JSON */
    unsigned completed;                   /* Responses: events that end it well */
    char reason[24];                      /* of the error */
    char attempts[4];                     /* X-Penstock-Attempts */
};

/* Reads an answer in CGI form. */
void stream_see(struct stream_seen *seen, const char *bytes, size_t length, bool responses);

#endif
