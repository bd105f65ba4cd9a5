/* Reads an answer anew each time more of it has come: a parser without state has no state to get wrong. */
#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../kit/answer.h"
#include "../kit/text.h"

/* Takes chunks apart (RFC 9112, 7.1); true once the last one was there. */
static bool take_chunks(const char *at, const char *end, struct text *body)
{
    for (;;) {
        char *rest;
        const char *line_end = memmem(at, (size_t)(end - at), "\r\n", 2);
        if (!line_end)
            return false;
        size_t size = strtoul(at, &rest, 16);
        if (rest == at)
            return false;
        if (size == 0)
            return true;
        at = line_end + 2;
        size_t here = (size_t)(end - at);
        text_append(body, at, size < here ? size : here);
        if (here < size + 2)
            return false;
        at += size + 2;
    }
}

static bool take_length(const char *at, const char *end, size_t length, struct text *body)
{
    text_append(body, at, (size_t)(end - at));
    return (size_t)(end - at) == length;
}

/* Which of the forms of RFC 9112, 6.3 the body has. */
static bool take_body(const struct answer *answer, bool ended, struct text *body)
{
    const char *at = answer->body, *end = at + answer->body_length;
    char *coding = answer_header(answer, "Transfer-Encoding");
    char *length = answer_header(answer, "Content-Length");
    bool whole;
    if (coding && strcasecmp(coding, "chunked") == 0)
        whole = take_chunks(at, end, body);
    else if (length)
        whole = take_length(at, end, strtoul(length, NULL, 10), body);
    else
        whole = take_length(at, end, (size_t)(end - at), body) && ended;
    free(coding);
    free(length);
    return whole;
}

void http_parse(struct http_answer *answer, const struct text *wire, bool ended, struct text *body)
{
    *answer = (struct http_answer){0};
    struct answer parsed;
    answer_parse(&parsed, text_words(wire), wire->length);
    const char *status = memchr(text_words(wire), ' ', wire->length);
    if (!parsed.head_length || !status)
        return;
    answer->status = atoi(status);
    answer->head = parsed.head;
    answer->head_length = parsed.head_length;
    answer->whole = take_body(&parsed, ended, body);
}
