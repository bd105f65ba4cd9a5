/* Any JSON as requests of clients and as frames of providers: each pair of dialects converts it to JSON, or
 * refuses it with a reason.
 *
 * Each line of the input is one JSON text. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "format/json.h"
#include "format/sse.h"
#include "fuzz.h"
#include "protocol/conversation_build.h"
#include "protocol/dialect_sides.h"
#include "protocol/messages/messages_native.h"
#include "protocol/provider_facts.h"
#include "usage/token_usage.h"

#define ROOM (1024 * 1024)
#define LINES_MAX 64

static const struct client_side *const clients[] = {&chat_client, &responses_client, &messages_client};
static const struct provider_side *const providers[] = {&chat_provider, &responses_provider,
                                                        &messages_provider, &gemini_provider};
static const struct provider_facts facts = {.name = "fuzz",
                                            .model = "m",
                                            .reasoning = REASONING_TAGS,
                                            .effort = true,
                                            .top_k = true,
                                            .max_tokens = 9};

struct lines {
    struct json_value items[LINES_MAX];
    size_t count;
};

static struct lines read_lines(struct input rest)
{
    struct lines lines = {0};
    struct json_fault fault;
    while (rest.length && lines.count < LINES_MAX) {
        struct input line = input_line(&rest);
        struct json_value root;
        if (json_check((struct json_value){line.at, line.length}, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root,
                       &fault) &&
            json_kind(root) == JSON_OBJECT)
            lines.items[lines.count++] = root;
    }
    return lines;
}

static void must_be_json(const char *bytes, size_t length)
{
    struct json_value root;
    struct json_fault fault;
    must(json_check((struct json_value){bytes, length}, JSON_DEPTH_MAX + 32, JSON_UTF8_ANY, &root, &fault),
         "what is written is JSON");
}

static void must_be_reason(const struct failure *why)
{
    must(why->reason > FAILURE_NONE && why->reason < FAILURE_REASONS && *why->message,
         "a refusal has a reason");
}

static bool read_request(struct conversation *conversation, struct arena *arena, size_t client,
                         size_t provider, struct json_value body)
{
    struct failure why = {.reason = FAILURE_NONE};
    conversation_open(conversation, arena, (enum api)client, (enum api)provider, body);
    conversation->mark = "fuzz-0";
    if (client == API_MESSAGES)
        conversation->private = arena_alloc(arena, sizeof(struct messages_client));
    bool good = clients[client]->read_request(conversation, &why);
    if (good)
        conversation_settle(conversation);
    else
        must_be_reason(&why);
    return good;
}

static void ask(size_t client, size_t provider, struct json_value body)
{
    struct arena *arena = arena_create();
    struct conversation conversation;
    struct failure why = {.reason = FAILURE_NONE};
    struct buffer out;
    buffer_init(&out, ROOM);
    if (read_request(&conversation, arena, client, provider, body)) {
        if (providers[provider]->write_request(&conversation, &facts, &out, &why))
            must_be_json(out.bytes, out.length);
        else
            must_be_reason(&why);
    }
    buffer_free(&out);
    arena_destroy(arena);
}

static void must_be_events(const struct buffer *out)
{
    struct sse_parser parser;
    struct sse_event event;
    sse_open(&parser, 4 * ROOM);
    must(!out->length || sse_feed(&parser, out->bytes, out->length), "events fit");
    while (sse_next(&parser, &event))
        if (event.data && event.data[0] != '[')
            must_be_json(event.data, event.data_length);
    sse_close(&parser);
}

static void stream(size_t client, size_t provider, const struct lines *lines)
{
    static const char request[] = "{\"model\":\"m\",\"input\":\"x\"}";
    struct arena *arena = arena_create();
    struct conversation *conversation = arena_alloc(arena, sizeof *conversation);
    struct answer_writer *writer = arena_alloc(arena, sizeof *writer);
    struct token_usage usage = token_usage_unknown();
    struct failure why = {.reason = FAILURE_NONE};
    struct buffer out;
    buffer_init(&out, 4 * ROOM);
    (void)read_request(conversation, arena, client, provider,
                       (struct json_value){request, sizeof request - 1});
    answer_writer_open(writer, clients[client]->writer, arena, conversation);
    if (providers[provider]->open_answer)
        providers[provider]->open_answer(&writer->answer, &facts);
    bool good = true;
    for (size_t i = 0; good && i < lines->count; i++)
        good = answer_writer_frame(writer, providers[provider]->read_frame, lines->items[i], &out, &why);
    good = good && answer_writer_end(writer, providers[provider]->read_end, &usage, &out, &why);
    if (!good)
        must_be_reason(&why);
    must_be_events(&out);
    buffer_free(&out);
    arena_destroy(arena);
}

static void body(size_t client, size_t provider, struct json_value json)
{
    struct arena *arena = arena_create();
    struct answer_writer *writer = arena_alloc(arena, sizeof *writer);
    struct token_usage usage = token_usage_unknown();
    struct failure why = {.reason = FAILURE_NONE};
    struct buffer out;
    buffer_init(&out, 4 * ROOM);
    answer_writer_open(writer, clients[client]->writer, arena, NULL);
    if (answer_writer_body(writer, providers[provider]->read_body, providers[provider]->read_end, json,
                           &usage, &out, &why))
        must_be_json(out.bytes, out.length);
    else
        must_be_reason(&why);
    buffer_free(&out);
    arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct lines lines = read_lines((struct input){(const char *)bytes, size});
    for (size_t client = 0; client < 3; client++)
        for (size_t provider = 0; provider < 4; provider++) {
            for (size_t i = 0; i < lines.count; i++) {
                ask(client, provider, lines.items[i]);
                body(client, provider, lines.items[i]);
            }
            stream(client, provider, &lines);
        }
    return 0;
}
