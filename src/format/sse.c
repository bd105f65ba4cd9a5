/* Reads server-sent events from a stream of bytes. Returns only complete events, with their bytes unchanged.
 *
 * A line ends with CR LF, LF or CR. A CR at the end of the bytes so far may be half of a CR LF. If it is the
 * empty line that ends an event, the event is returned at once (otherwise a stream of bare CRs would be one
 * event late); a line feed after it then counts as an empty line before the next event, which changes
 * nothing. After any other line the parser waits for the byte after the CR: a line feed taken for an empty
 * line would cut the event in two. */
#include "format/sse.h"

#include <string.h>

#define SEARCH_STEP 512

void sse_open(struct sse_parser *parser, size_t ceiling)
{
    *parser = (struct sse_parser){0};
    buffer_init(&parser->pending, ceiling);
    buffer_init(&parser->joined, ceiling);
}

void sse_close(struct sse_parser *parser)
{
    buffer_free(&parser->pending);
    buffer_free(&parser->joined);
}

/* Drops the bytes of the last event. They were kept until now, because the caller was reading them. */
static void drop_taken(struct sse_parser *parser)
{
    if (!parser->taken)
        return;
    buffer_consume(&parser->pending, parser->taken);
    parser->taken = parser->line = parser->searched = 0;
}

bool sse_feed(struct sse_parser *parser, const void *bytes, size_t length)
{
    drop_taken(parser);
    return buffer_append(&parser->pending, bytes, length);
}

size_t sse_room(struct sse_parser *parser)
{
    drop_taken(parser);
    return parser->pending.ceiling - parser->pending.length;
}

/* Returns the first CR or LF, or `end`. Searches in steps: in a stream with only one of the two, each line
 * would otherwise cost a search of all pending bytes for the other. */
static const char *find_stop(const char *at, const char *end)
{
    while (at < end) {
        size_t step = end - at < SEARCH_STEP ? (size_t)(end - at) : SEARCH_STEP;
        const char *feed = memchr(at, '\n', step);
        const char *carriage = memchr(at, '\r', feed ? (size_t)(feed - at) : step);
        if (carriage || feed)
            return carriage ? carriage : feed;
        at += step;
    }
    return end;
}

/* Returns the first byte after the line that starts at `at`, or NULL if the end of the line has not arrived.
 * The search for the end starts at `from`. Sets `*text` to the length of the line without its end. */
static const char *after_line(const char *at, const char *from, const char *end, size_t *text)
{
    const char *stop = find_stop(from, end);
    if (stop == end)
        return NULL;
    *text = (size_t)(stop - at);
    return stop + (*stop == '\r' && stop + 1 < end && stop[1] == '\n' ? 2 : 1);
}

/* Returns the length of the first complete event in the pending bytes, 0 if there is none. An event ends with
 * the first empty line after a line that is not empty. Bytes are not searched again when more bytes
 * arrive. */
static size_t complete_event(struct sse_parser *parser)
{
    const char *start = parser->pending.bytes, *end = start + parser->pending.length;
    const char *line = start + parser->line, *from = start + parser->searched;
    size_t text;
    for (const char *next; (next = after_line(line, from, end, &text)); line = from = next) {
        bool leading = text == 0 && !parser->started;
        if (text > 0 && next == end && end[-1] == '\r')
            break;
        if (text == 0 && !leading)
            return (size_t)(next - start);
        parser->started = parser->started || text > 0;
    }
    bool half = line < end && end[-1] == '\r'; /* the other half of a CR LF may be the next byte */
    parser->line = (size_t)(line - start);
    parser->searched = parser->pending.length - half;
    return 0;
}

static void take_data(struct sse_parser *parser, struct sse_event *event, const char *value, size_t length)
{
    if (!event->data) {
        event->data = value;
        event->data_length = length;
        return;
    }
    struct buffer *joined = &parser->joined;
    bool fits = joined->length || buffer_append(joined, event->data, event->data_length);
    fits = fits && buffer_append(joined, "\n", 1) && buffer_append(joined, value, length);
    if (!fits)
        return; /* cannot happen: the parts are not longer than the event */
    event->data = joined->bytes;
    event->data_length = joined->length;
}

static void take_name(struct sse_event *event, const char *value, size_t length)
{
    size_t fits = length < SSE_NAME_SIZE ? length : SSE_NAME_SIZE - 1;
    memcpy(event->name, value, fits);
    event->name[fits] = '\0';
}

static bool field_is(const char *line, size_t length, const char *name)
{
    return length == strlen(name) && memcmp(line, name, length) == 0;
}

static void take_line(struct sse_parser *parser, struct sse_event *event, const char *line, size_t length)
{
    if (!event->stray && length && (*line == '{' || *line == '[')) {
        event->stray = line;
        event->stray_length = length;
    }
    const char *colon = memchr(line, ':', length);
    size_t name = colon ? (size_t)(colon - line) : length;
    const char *value = colon ? colon + 1 : line + length;
    size_t value_length = length - (size_t)(value - line);
    if (value_length && *value == ' ') {
        value++;
        value_length--;
    }
    if (field_is(line, name, "data"))
        take_data(parser, event, value, value_length);
    else if (field_is(line, name, "event"))
        take_name(event, value, value_length);
    else if (field_is(line, name, "error")) { /* not in the standard: llama.cpp's errors */
        take_data(parser, event, value, value_length);
        take_name(event, "error", 5);
    }
}

/* A byte order mark is skipped at the beginning of the stream only. */
static size_t mark_length(const struct sse_parser *parser, const char *bytes, size_t length)
{
    return !parser->opened && length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

static void read_event(struct sse_parser *parser, struct sse_event *event, size_t length)
{
    const char *start = parser->pending.bytes, *end = start + length;
    *event = (struct sse_event){.raw = start, .raw_length = length};
    buffer_consume(&parser->joined, parser->joined.length);
    size_t text;
    const char *line = start + mark_length(parser, start, length), *next;
    for (; line < end; line = next) {
        next = after_line(line, line, end, &text);
        if (!next) {
            next = end;
            text = (size_t)(end - line);
        }
        take_line(parser, event, line, text);
    }
    if (event->stray && !event->data)
        event->stray_length = (size_t)(end - event->stray);
    parser->taken = length;
    parser->line = parser->searched = 0;
    parser->started = false;
    parser->opened = true;
}

bool sse_next(struct sse_parser *parser, struct sse_event *event)
{
    drop_taken(parser);
    size_t length = parser->pending.length ? complete_event(parser) : 0;
    if (!length)
        return false;
    read_event(parser, event, length);
    return true;
}

bool sse_last(struct sse_parser *parser, struct sse_event *event)
{
    drop_taken(parser);
    if (!parser->pending.length)
        return false;
    const char *at = parser->pending.bytes, *end = at + parser->pending.length;
    while (at < end && (*at == '\r' || *at == '\n'))
        at++;
    if (at == end)
        return false;
    read_event(parser, event, parser->pending.length);
    return true;
}
