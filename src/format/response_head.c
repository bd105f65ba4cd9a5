/* The head of a provider's response: its status, its headers and its arrival time. */
#include "format/response_head.h"

#include <strings.h>

const char *response_head_find(const struct response_head *head, const char *name)
{
    for (size_t i = 0; i < head->headers.count; i++)
        if (strcasecmp(head->headers.items[i].name, name) == 0)
            return head->headers.items[i].value;
    return NULL;
}
