/* The head of a provider's response: its status, its headers and its arrival time. */
#include "format/response_head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"

const char *response_head_find(const struct response_head *head, const char *name)
{
    for (size_t i = 0; i < head->headers.count; i++)
        if (strcasecmp(head->headers.items[i].name, name) == 0)
            return head->headers.items[i].value;
    return NULL;
}

/* Name and value share a block of memory. */
static struct name_value copy_header(const char *name, size_t name_length, const char *value,
                                     size_t value_length)
{
    char *block = memory_alloc(name_length + value_length + 2, 1);
    memcpy(block, name, name_length);
    memcpy(block + name_length + 1, value, value_length);
    return (struct name_value){.name = block, .value = block + name_length + 1};
}

void response_head_add(struct response_head *head, const char *line, size_t length)
{
    struct name_value_list *headers = &head->headers;
    const char *colon = memchr(line, ':', length), *end = line + length;
    if (!colon)
        return;
    const char *value = colon + 1;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && strchr("\r\n \t", end[-1]))
        end--;
    headers->items[headers->count++] = copy_header(line, (size_t)(colon - line), value,
                                                   (size_t)(end - value));
}

void response_head_clear(struct response_head *head)
{
    for (size_t i = 0; i < head->headers.count; i++)
        free(head->headers.items[i].name);
    head->headers.count = 0;
}
