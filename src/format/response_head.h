/* The head of a provider's response: its status, its headers, and its arrival time. */
#ifndef PENSTOCK_FORMAT_RESPONSE_HEAD_H
#define PENSTOCK_FORMAT_RESPONSE_HEAD_H

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

#endif
