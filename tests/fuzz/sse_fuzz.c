/* Any bytes as a stream: the events are the same however the bytes are cut into pieces, and no byte is lost.
 *
 * The input's first byte chooses the sizes of the pieces. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "format/sse.h"
#include "fuzz.h"
#include "protocol/stream.h"
#include "usage/token_usage.h"

#define EVENT_MAX 65536
#define SUM_MAX (1 << 21)

/* All results of the parser and the stream for some bytes, as text to be compared. */
struct account {
    struct buffer raw, said;
    struct sse_parser parser;
    struct stream stream;
};

static void note(struct buffer *to, const void *bytes, size_t length)
{
    must(!length || buffer_append(to, bytes, length), "no more comes out than came in");
}

static void note_event(struct account *account, const struct sse_event *event)
{
    must(event->raw_length > 0 && event->raw, "an event has bytes");
    must(strlen(event->name) < SSE_NAME_SIZE, "its name is one");
    must(event->data || event->data_length == 0, "no data has no length");
    must(event->data_length <= event->raw_length, "the data came in the event");
    enum stream_verdict verdict = stream_look(&account->stream, event);
    note(&account->raw, event->raw, event->raw_length);
    note(&account->said, event->data ? event->data : "none", event->data ? event->data_length : 4);
    note(&account->said, event->name, strlen(event->name) + 1);
    note(&account->said, (char[]){(char)verdict}, 1);
}

static void take_events(struct account *account)
{
    struct sse_event event;
    while (sse_next(&account->parser, &event))
        note_event(account, &event);
}

static void feed(struct account *account, const char *bytes, size_t length)
{
    must(sse_feed(&account->parser, bytes, length), "it fits");
    take_events(account);
}

/* In pieces of 1 to `most` bytes that the bytes themselves choose; 0: all at once. */
static void read_stream(struct account *account, const char *bytes, size_t length, unsigned most)
{
    *account = (struct account){0};
    buffer_init(&account->raw, SUM_MAX);
    buffer_init(&account->said, SUM_MAX);
    sse_open(&account->parser, EVENT_MAX);
    stream_open(&account->stream, true, 1);
    take_events(account); /* there are none yet */
    for (size_t at = 0; at < length;) {
        size_t size = most ? 1 + (unsigned char)bytes[at] % most : length;
        size = size < length - at ? size : length - at;
        feed(account, bytes + at, size);
        at += size;
    }
    struct sse_event event;
    if (sse_last(&account->parser, &event))
        note_event(account, &event);
}

static void release(struct account *account)
{
    sse_close(&account->parser);
    buffer_free(&account->raw);
    buffer_free(&account->said);
}

static bool same(const struct buffer *one, const struct buffer *other)
{
    return one->length == other->length &&
           (!one->length || memcmp(one->bytes, other->bytes, one->length) == 0);
}

/* Line ends after the last event belong to no event. */
static void must_be_all(const struct buffer *raw, const char *bytes, size_t length)
{
    must(raw->length <= length, "no more comes out than came in");
    must(!raw->length || memcmp(raw->bytes, bytes, raw->length) == 0, "the bytes are those that came");
    for (size_t i = raw->length; i < length; i++)
        must(bytes[i] == '\n' || bytes[i] == '\r', "nothing but line ends is left");
}

static void must_agree(const struct account *whole, const struct account *pieces)
{
    must(same(&whole->said, &pieces->said), "the events are the same in pieces");
    must(stream_is_complete(&whole->stream) == stream_is_complete(&pieces->stream), "and so is the end");
    must(strcmp(whole->stream.id, pieces->stream.id) == 0, "and so is the id");
    must(whole->stream.usage.total == pieces->stream.usage.total, "and so is the usage");
    must(!whole->stream.usage.source || whole->stream.usage.total >= TOKENS_UNKNOWN, "tokens are counted");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0 || size > EVENT_MAX)
        return 0;
    struct account whole, pieces;
    const char *text = (const char *)bytes + 1;
    read_stream(&whole, text, size - 1, 0);
    read_stream(&pieces, text, size - 1, 1 + bytes[0] % 31);
    must_be_all(&whole.raw, text, size - 1);
    must_be_all(&pieces.raw, text, size - 1);
    must_agree(&whole, &pieces);
    release(&whole);
    release(&pieces);
    return 0;
}
