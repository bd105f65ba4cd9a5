/* Reads one HTTP/1.1 request (RFC 9112) and the few JSON members that choose an answer. */
#include "heard.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *heard_header(const struct heard *heard, const char *name, size_t *length)
{
    const char *end = heard->head + heard->head_length;
    const char *line = memchr(heard->head, '\n', heard->head_length);
    for (size_t size = strlen(name); line && ++line < end; line = memchr(line, '\n', (size_t)(end - line))) {
        if ((size_t)(end - line) <= size || line[size] != ':' || strncasecmp(line, name, size) != 0)
            continue;
        const char *value = line + size + 1;
        const char *stop = memchr(value, '\r', (size_t)(end - value));
        while (value < end && *value == ' ')
            value++;
        *length = (size_t)((stop ? stop : end) - value);
        return value;
    }
    return NULL;
}

/* The length of a chunked body up to and with its last chunk (no trailers); 0: incomplete; -1: malformed. */
static long measure_chunks(const char *bytes, size_t length)
{
    const char *at = bytes, *end = bytes + length;
    for (;;) {
        const char *line_end = memmem(at, (size_t)(end - at), "\r\n", 2);
        if (!line_end)
            return end - at > 64 ? -1 : 0;
        char *stop;
        unsigned long size = strtoul(at, &stop, 16);
        if (stop == at)
            return -1;
        if (size > (size_t)(end - line_end) || (size_t)(end - line_end) - size < 4)
            return 0;
        at = line_end + 2 + size + 2;
        if (size == 0)
            return at - bytes;
    }
}

static bool split_line(struct heard *heard, const char *bytes, size_t length)
{
    const char *space = memchr(bytes, ' ', length);
    const char *second = space ? memchr(space + 1, ' ', length - (size_t)(space + 1 - bytes)) : NULL;
    if (!second)
        return false;
    heard->method = bytes;
    heard->method_length = (size_t)(space - bytes);
    heard->target = space + 1;
    heard->target_length = (size_t)(second - space - 1);
    return true;
}

static int measure_body(struct heard *heard, size_t available)
{
    size_t length;
    const char *value = heard_header(heard, "transfer-encoding", &length);
    if (value) {
        long size = measure_chunks(heard->body, available);
        heard->chunked = true;
        heard->body_length = size > 0 ? (size_t)size : 0;
        return size > 0 ? 1 : (int)size;
    }
    value = heard_header(heard, "content-length", &length);
    heard->body_length = value ? strtoul(value, NULL, 10) : 0;
    return heard->body_length <= available;
}

int heard_parse(struct heard *heard, const char *bytes, size_t length)
{
    *heard = (struct heard){.head = bytes};
    const char *end = length ? memmem(bytes, length, "\r\n\r\n", 4) : NULL;
    if (!end)
        return length > 65536 ? -1 : 0;
    heard->head_length = (size_t)(end - bytes) + 2;
    heard->body = end + 4;
    if (!split_line(heard, bytes, heard->head_length))
        return -1;
    int whole = measure_body(heard, length - (size_t)(heard->body - bytes));
    heard->length = (size_t)(heard->body - bytes) + heard->body_length;
    size_t size;
    const char *connection = heard_header(heard, "connection", &size);
    heard->keep_alive = !connection || size < 5 || strncasecmp(connection, "close", 5) != 0;
    return whole;
}

bool heard_path_ends(const struct heard *heard, const char *suffix)
{
    const char *query = memchr(heard->target, '?', heard->target_length);
    size_t path = query ? (size_t)(query - heard->target) : heard->target_length, size = strlen(suffix);
    return path >= size && memcmp(heard->target + path - size, suffix, size) == 0;
}

static const char *skip_string(const char *at, const char *end)
{
    for (at++; at < end && *at != '"'; at++)
        if (*at == '\\')
            at++;
    return at < end ? at + 1 : end;
}

/* Skips one value: a string, or everything up to the comma or bracket that ends it at its own depth. */
static const char *skip_value(const char *at, const char *end)
{
    int depth = 0;
    while (at < end) {
        if (depth == 0 && (*at == ',' || *at == '}' || *at == ']'))
            return at;
        if (*at == '"') {
            at = skip_string(at, end);
            continue;
        }
        depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        at++;
    }
    return end;
}

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && strchr(" \t\r\n", *at))
        at++;
    return at;
}

const char *json_member(const char *json, size_t length, const char *name, size_t *value_length)
{
    const char *end = json + length, *at = skip_space(json, end);
    size_t size = strlen(name);
    if (at < end && *at == '{')
        for (at = skip_space(at + 1, end); at < end && *at == '"'; at = skip_space(at + 1, end)) {
            const char *key = at + 1;
            at = skip_space(skip_string(at, end), end);
            const char *value = skip_space(at < end ? at + 1 : end, end);
            at = skip_value(value, end);
            if ((size_t)(end - key) > size && key[size] == '"' && memcmp(key, name, size) == 0) {
                *value_length = (size_t)(at - value);
                return value;
            }
            if (at >= end || *at != ',')
                break;
        }
    return NULL;
}

const char *json_item(const char *json, size_t length, size_t place, size_t *item_length)
{
    const char *end = json + length, *at = skip_space(json, end);
    if (at >= end || *at != '[')
        return NULL;
    at = skip_space(at + 1, end);
    while (at < end && *at != ']') {
        const char *item = at;
        at = skip_value(item, end);
        *item_length = (size_t)(at - item);
        if (place-- == 0)
            return item;
        if (at < end && *at == ',')
            at = skip_space(at + 1, end);
    }
    return NULL;
}
