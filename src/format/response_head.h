/* The head of a provider's response: its status, its headers, and when it came. */
#ifndef PENSTOCK_FORMAT_RESPONSE_HEAD_H
#define PENSTOCK_FORMAT_RESPONSE_HEAD_H

#include <stdint.h>

#include "base/base.h"

struct response_head {
    int status; /* 0: no status line yet */
    struct name_value_list headers;
    int64_t connect_us;    /* until the connection was made; -1: not yet, or a kept one was used */
    int64_t first_byte_us; /* until the first byte; -1: none came yet. Both since the request was started */
};

/* The value of the first header of that name, in any case; NULL if there is none. */
const char *response_head_find(const struct response_head *head, const char *name);

#endif
