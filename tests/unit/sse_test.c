/* Events are the same however their bytes are cut, and keep those bytes. */
#include "format/sse.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

struct heard {
    char data[512], names[128], raw[512];
    size_t count;
};

static void note(struct heard *heard, const struct sse_event *event)
{
    strncat(heard->data, event->data ? "<" : "(", 2);
    if (event->data)
        strncat(heard->data, event->data, event->data_length);
    strncat(heard->data, event->data ? ">" : ")", 2);
    strcat(heard->names, event->name);
    strncat(heard->raw, event->raw, event->raw_length);
    heard->count++;
}

/* Feeds the stream in pieces of `step` bytes. */
static struct heard hear(const char *stream, size_t step)
{
    struct sse_parser parser;
    struct sse_event event;
    struct heard heard = {0};
    sse_open(&parser, 4096);
    for (size_t at = 0, length = strlen(stream); at < length; at += step) {
        CU_ASSERT_TRUE(sse_feed(&parser, stream + at, step < length - at ? step : length - at));
        while (sse_next(&parser, &event))
            note(&heard, &event);
    }
    if (sse_last(&parser, &event))
        note(&heard, &event);
    else /* the LF of a CR LF whose CR has ended the last event */
        strncat(heard.raw, parser.pending.bytes ? parser.pending.bytes : "", parser.pending.length);
    sse_close(&parser);
    return heard;
}

static void cuts_do_not_matter(void)
{
    static const struct {
        const char *stream, *data;
    } cases[] = {
        {"data: a\n\ndata: b\n\n", "<a><b>"},
        {"data: a\r\n\r\ndata: b\r\n\r\n", "<a><b>"},
        {"data: a\r\rdata: b\r\r", "<a><b>"},
        {"data:a\n\ndata:  b\n\n", "<a>< b>"},
        {"data: a\ndata: b\n\n", "<a\nb>"},
        {"data: a\ndata:\ndata: b\n\n", "<a\n\nb>"},
        {"data:\n\n", "<>"},
        {"data\n\n", "<>"},
        {": ping\n\ndata: a\n\n", "()<a>"},
        {"\n\n\ndata: a\n\n", "<a>"},
        {"\xef\xbb\xbf"
         "data: a\n\n",
         "<a>"},
        {"event: x\nid: 7\nretry: 5\ndata: a\n\n", "<a>"},
        {"event: x\r\nid: 7\r\ndata: a\r\n\r\n", "<a>"},
        {"event: x\rdata: a\r\r", "<a>"},
        {"data: a\r\n\r\n\xef\xbb\xbf"
         "data: b\n\n",
         "<a>()"},
        {"data: a\n\ndata: half", "<a><half>"},
        {"datax: a\n\n", "()"},
        {"data: a: b\n\n", "<a: b>"},
        {"error: {}\n\n", "<{}>"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t step = 1; step < 12; step++) {
            struct heard heard = hear(cases[i].stream, step);
            CU_ASSERT_STRING_EQUAL(heard.data, cases[i].data);
            CU_ASSERT_STRING_EQUAL(heard.raw, cases[i].stream);
        }
}

static void names_are_kept(void)
{
    struct heard heard = hear("event: error\ndata: x\n\nevent:  two\ndata: y\n\n", 5);
    CU_ASSERT_STRING_EQUAL(heard.names, "error two");
}

static void an_event_has_a_size_limit(void)
{
    struct sse_parser parser;
    struct sse_event event;
    sse_open(&parser, 16);
    CU_ASSERT_TRUE(sse_feed(&parser, "data: 12345678\n\n", 16));
    CU_ASSERT_TRUE(sse_next(&parser, &event));
    CU_ASSERT_TRUE(sse_feed(&parser, "data: 123456789\n", 16));
    CU_ASSERT_FALSE(sse_next(&parser, &event));
    CU_ASSERT_FALSE(sse_feed(&parser, "\n", 1));
    sse_close(&parser);
}

/* A stream of bare CRs must not run one event late. */
static void a_bare_cr_ends_at_once(void)
{
    struct sse_parser parser;
    struct sse_event event;
    sse_open(&parser, 64);
    CU_ASSERT_TRUE(sse_feed(&parser, "data: a\r\r", 9));
    CU_ASSERT_TRUE(sse_next(&parser, &event));
    CU_ASSERT_EQUAL(event.data_length, 1);
    sse_close(&parser);
}

static const struct unit_test tests[] = {
    {"cuts do not matter", cuts_do_not_matter},
    {"names are kept", names_are_kept},
    {"an event has a size limit", an_event_has_a_size_limit},
    {"a bare CR ends at once", a_bare_cr_ends_at_once},
};

UNIT_MAIN("sse", tests)
