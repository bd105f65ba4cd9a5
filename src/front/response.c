/* The answer to the web server: header lines first, then the body, never the other way. */
#include "front/response.h"

#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"

#define STATUS_LINE_SIZE 64

/* RFC 9110, 15, and what providers and their edges send besides. A server may need a phrase, nobody else
 * does. */
static const struct phrase {
    int status;
    const char *words;
} phrases[] = {
    {200, "OK"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {424, "Failed Dependency"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
};

static const char *phrase_for(int status)
{
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (phrases[i].status == status)
            return phrases[i].words;
    return status >= 500 ? "Server Error" : status >= 400 ? "Client Error" : "Status";
}

void reply_open(struct reply *reply, struct front *front, bool head_only)
{
    *reply = (struct reply){.front = front, .head_only = head_only, .last_us = clock_monotonic_us()};
    buffer_init(&reply->head, REPLY_HEAD_MAX);
}

void reply_close(struct reply *reply)
{
    buffer_free(&reply->head);
}

void reply_header(struct reply *reply, const char *name, const char *value)
{
    char *line = buffer_room(&reply->head, strlen(name) + strlen(value) + 4);
    if (!line)
        return;
    char *to = mempcpy(stpcpy(line, name), ": ", 2);
    for (const char *at = value; *at; at++)
        *to++ = (unsigned char)*at < 0x20 || *at == 0x7f ? ' ' : *at;
    to = mempcpy(to, "\r\n", 2);
    buffer_fill(&reply->head, (size_t)(to - line));
}

void reply_begin(struct reply *reply, int status)
{
    reply->status = status;
}

static bool send_parts(struct reply *reply, const struct iovec *parts, size_t count, enum front_more more)
{
    if (reply->broken)
        return false;
    reply->broken = !reply->front->kind->write(reply->front, parts, count, more);
    reply->last_us = clock_monotonic_us();
    return !reply->broken;
}

static size_t write_status(int status, char line[static STATUS_LINE_SIZE])
{
    char *at = stpcpy(line, "Status: ");
    at += decimal_write(status, at);
    *at++ = ' ';
    return (size_t)(stpcpy(stpcpy(at, phrase_for(status)), "\r\n") - line);
}

bool reply_send(struct reply *reply, const void *bytes, size_t length, enum front_more more)
{
    char status[STATUS_LINE_SIZE];
    struct iovec parts[] = {
        {status, reply->begun ? 0 : write_status(reply->status, status)},
        {reply->head.bytes, reply->head.length},
        {(void *)"\r\n", 2},
        {(void *)bytes, reply->head_only ? 0 : length},
    };
    size_t first = reply->begun ? 3 : 0;
    reply->begun = true;
    reply->bytes += (int64_t)parts[3].iov_len;
    return send_parts(reply, parts + first, 4 - first, more);
}
