/* Splits an answer in CGI form into head and body. */
#include "answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"

/* Lines may end in CRLF or LF (RFC 3875, 6.2). */
void answer_parse(struct answer *answer, const char *bytes, size_t length)
{
    *answer = (struct answer){.head = bytes, .body = bytes + length};
    for (const char *at = bytes, *end = bytes + length; at < end;) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop)
            return;
        if (stop == at || (stop == at + 1 && *at == '\r')) {
            answer->head_length = (size_t)(at - bytes);
            answer->body = stop + 1;
            answer->body_length = (size_t)(end - stop - 1);
            char *status = answer_header(answer, "Status");
            answer->status = status ? atoi(status) : 200;
            free(status);
            return;
        }
        at = stop + 1;
    }
}

static const char *next_line(const struct answer *answer, const char *line)
{
    const char *end = answer->head + answer->head_length;
    const char *stop = memchr(line, '\n', (size_t)(end - line));
    return stop && stop + 1 < end ? stop + 1 : NULL;
}

static const char *find(const struct answer *answer, const char *from, const char *name)
{
    size_t size = strlen(name);
    while (from && (strncasecmp(from, name, size) != 0 || from[size] != ':'))
        from = next_line(answer, from);
    return from;
}

char *answer_header(const struct answer *answer, const char *name)
{
    const char *line = find(answer, answer->head_length ? answer->head : NULL, name);
    if (!line)
        return NULL;
    const char *value = line + strlen(name) + 1;
    value += strspn(value, " \t");
    return copy_bytes(value, strcspn(value, "\r\n"));
}

size_t answer_header_count(const struct answer *answer, const char *name)
{
    size_t count = 0;
    for (const char *line = answer->head_length ? answer->head : NULL; (line = find(answer, line, name));
         line = next_line(answer, line))
        count++;
    return count;
}
