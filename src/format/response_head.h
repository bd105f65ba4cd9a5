/* The head of a provider's response: its status, its headers, and its arrival time. */
#ifndef PENSTOCK_FORMAT_RESPONSE_HEAD_H
#define PENSTOCK_FORMAT_RESPONSE_HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct response_head {
    int status; /* 0: no status line yet */
    struct name_value_list headers;
    int64_t connect_us;    /* time until the connection was made; -1: not yet, or a reused connection */
    int64_t first_byte_us; /* time until the first byte; -1: none yet. Both times start with the request */
};

/* Returns the value of the first header of that name, compared without case; NULL if there is none. */
const char *response_head_find(const struct response_head *head, const char *name);

/* Adds the header of a line as it is sent ("Name: value\r\n"), without blanks around the value. A line
 * without a colon adds nothing. The list must have room; response_head_clear() frees the header. */
void response_head_add(struct response_head *head, const char *line, size_t length);

/* Frees the headers that response_head_add() added. The list keeps its room. */
void response_head_clear(struct response_head *head);

#endif
