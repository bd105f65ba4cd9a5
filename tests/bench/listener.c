/* Reads HTTP/1.1 answers (RFC 9112) incrementally, in little memory, since the bench holds a thousand
 * streams.
 */
#include "listener.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Member by member: the buffers are large and need no clearing. */
void listener_reset(struct listener *listener)
{
    listener->state = HEAD;
    listener->status = 0;
    listener->line_length = listener->event_length = listener->frames = listener->stamp_count = 0;
    listener->after_newline = listener->done = listener->failed = false;
}

static void keep_stamp(struct listener *listener)
{
    const char *stamp = strstr(listener->event, "sent at ");
    if (stamp && listener->stamp_count < STAMPS_KEPT)
        listener->stamps[listener->stamp_count++] = atoll(stamp + strlen("sent at "));
}

static void end_event(struct listener *listener)
{
    listener->event[listener->event_length] = '\0';
    if (strncmp(listener->event, "data: [DONE]", 12) == 0)
        listener->done = true;
    else if (strstr(listener->event, "\"error\":"))
        listener->failed = true;
    else if (strstr(listener->event, "\"content\":\"") && !strstr(listener->event, "\"content\":\"\"")) {
        listener->frames++;
        keep_stamp(listener);
    }
    listener->event_length = 0;
}

/* Body bytes: an empty line ends an event. */
static void hear_body(struct listener *listener, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '\r')
            continue;
        if (bytes[i] == '\n' && listener->after_newline) {
            end_event(listener);
            continue;
        }
        listener->after_newline = bytes[i] == '\n';
        if (listener->event_length < EVENT_KEPT - 1)
            listener->event[listener->event_length++] = bytes[i];
    }
}

static const char *find_header(const struct listener *listener, const char *name)
{
    for (const char *line = strchr(listener->line, '\n'); line; line = strchr(line + 1, '\n'))
        if (strncasecmp(line + 1, name, strlen(name)) == 0)
            return line + 1 + strlen(name) + strspn(line + 1 + strlen(name), " ");
    return NULL;
}

static void read_head(struct listener *listener)
{
    listener->line[listener->line_length] = '\0';
    listener->line_length = 0;
    if (strncmp(listener->line, "HTTP/1.", 7) != 0) {
        listener->failed = true;
        listener->state = ENDED;
        return;
    }
    listener->status = atoi(listener->line + 9);
    const char *connection = find_header(listener, "connection:");
    const char *length = find_header(listener, "content-length:");
    const char *coding = find_header(listener, "transfer-encoding:");
    listener->keep_alive = (length || coding) && (!connection || strncasecmp(connection, "close", 5) != 0);
    listener->left = length ? strtoul(length, NULL, 10) : 0;
    if (coding)
        listener->state = CHUNK_SIZE;
    else if (length)
        listener->state = listener->left ? SIZED : ENDED;
    else
        listener->state = TO_CLOSE;
}

/* Takes one byte of the head; true at the end of the head. */
static bool take_head_byte(struct listener *listener, char byte)
{
    if (listener->line_length == sizeof listener->line - 1) {
        listener->failed = true;
        listener->state = ENDED;
        return true;
    }
    listener->line[listener->line_length++] = byte;
    return byte == '\n' && listener->line_length >= 4 &&
           memcmp(listener->line + listener->line_length - 4, "\r\n\r\n", 4) == 0;
}

static void take_size_byte(struct listener *listener, char byte)
{
    if (listener->line_length < 20)
        listener->line[listener->line_length++] = byte;
    if (byte != '\n')
        return;
    listener->line[listener->line_length] = '\0';
    listener->line_length = 0;
    listener->left = strtoul(listener->line, NULL, 16);
    listener->last_chunk = listener->left == 0;
    listener->state = listener->last_chunk ? CHUNK_END : CHUNK;
}

/* The line end after a chunk, and after the last one the end of the answer. */
static void take_end_byte(struct listener *listener, char byte)
{
    if (byte != '\n')
        return;
    listener->state = listener->last_chunk ? ENDED : CHUNK_SIZE;
}

static size_t take_body(struct listener *listener, const char *bytes, size_t length)
{
    size_t part = listener->state == TO_CLOSE || length < listener->left ? length : listener->left;
    hear_body(listener, bytes, part);
    if (listener->state == TO_CLOSE)
        return part;
    listener->left -= part;
    if (listener->left == 0)
        listener->state = listener->state == CHUNK ? CHUNK_END : ENDED;
    return part;
}

size_t listener_hear(struct listener *listener, const char *bytes, size_t length)
{
    size_t at = 0;
    while (at < length && listener->state != ENDED)
        switch (listener->state) {
        case HEAD:
            if (take_head_byte(listener, bytes[at++]) && listener->state == HEAD)
                read_head(listener);
            break;
        case CHUNK_SIZE:
            take_size_byte(listener, bytes[at++]);
            break;
        case CHUNK_END:
            take_end_byte(listener, bytes[at++]);
            break;
        case SIZED:
        case CHUNK:
        case TO_CLOSE:
            at += take_body(listener, bytes + at, length - at);
            break;
        case ENDED:
            break;
        }
    return at;
}
