/* The response to the web server: header lines first, then the body. */
#include "front/response.h"

#include <string.h>

#include "base/clock.h"
#include "base/portable.h"
#include "format/decimal.h"

#define STATUS_LINE_SIZE 64

/* The status codes of RFC 9110, 15, that the gateway or providers send. Some web servers require a phrase. */
static const struct phrase {
    int status;
    const char *words;
} phrases[] = {
    {200, "OK"},
    {204, "No Content"},
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
    {426, "Upgrade Required"},
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

void response_open(struct response *response, struct front *front, bool head_only)
{
    *response = (struct response){.front = front, .head_only = head_only, .last_us = clock_monotonic_us()};
    buffer_init(&response->head, RESPONSE_HEAD_MAX);
}

void response_close(struct response *response)
{
    buffer_free(&response->head);
}

void response_header(struct response *response, const char *name, const char *value)
{
    char *line = buffer_room(&response->head, strlen(name) + strlen(value) + 4);
    if (!line)
        return;
    char *to = mempcpy(stpcpy(line, name), ": ", 2);
    for (const char *at = value; *at; at++)
        *to++ = (unsigned char)*at < 0x20 || *at == 0x7f ? ' ' : *at;
    to = mempcpy(to, "\r\n", 2);
    buffer_fill(&response->head, (size_t)(to - line));
}

void response_begin(struct response *response, int status)
{
    response->status = status;
}

static bool send_parts(struct response *response, const struct iovec *parts, size_t count,
                       enum front_more more)
{
    if (response->broken)
        return false;
    response->broken = !response->front->ops->write(response->front, parts, count, more);
    response->last_us = clock_monotonic_us();
    return !response->broken;
}

static size_t write_status(int status, char line[static STATUS_LINE_SIZE])
{
    char *at = stpcpy(line, "Status: ");
    at += decimal_write(status, at);
    *at++ = ' ';
    return (size_t)(stpcpy(stpcpy(at, phrase_for(status)), "\r\n") - line);
}

bool response_send(struct response *response, const void *bytes, size_t length, enum front_more more)
{
    char status[STATUS_LINE_SIZE];
    struct iovec parts[] = {
        {status, response->begun ? 0 : write_status(response->status, status)},
        {response->head.bytes, response->head.length},
        {(void *)"\r\n", 2},
        {(void *)bytes, response->head_only ? 0 : length},
    };
    size_t first = response->begun ? 3 : 0;
    response->begun = true;
    response->bytes += (int64_t)parts[3].iov_len;
    return send_parts(response, parts + first, 4 - first, more);
}

void response_flush(struct response *response)
{
    if (response->begun)
        send_parts(response, NULL, 0, FRONT_FLUSH);
}
