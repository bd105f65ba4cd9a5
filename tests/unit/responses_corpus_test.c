/* Every recorded chat stream, cut into pieces, is converted to a response stream with consistent events.
 *
 * The recordings are beside the source, in ../shared/corpus; if that is missing, the test says so and plays
 * nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "format/sse.h"
#include "protocol/responses/responses_context.h"
#include "protocol/stream.h"
#include "responses_kit.h"

#define CORPUS_MAX (16 * 1024 * 1024)

static size_t passed, failed;

static void complain(const char *id, size_t piece, const char *fault)
{
    printf("FAILED %s in pieces of %zu: %s\n", id, piece, fault);
    failed++;
}

static bool read_corpus(struct buffer *text)
{
    char path[4096];
    const char *source = getenv("srcdir");
    snprintf(path, sizeof path, "%s/../shared/corpus/streams.json", source ? source : ".");
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    buffer_init(text, CORPUS_MAX);
    size_t got;
    do {
        char *room = buffer_room(text, 65536);
        got = room ? fread(room, 1, 65536, file) : 0;
        buffer_fill(text, got);
    } while (got);
    fclose(file);
    return true;
}

/* Feeds the bytes; `known` gets the facts of the provider's own stream. False after a failure. */
static bool play(struct responses_stream *responses, struct stream *known, const char *raw, size_t length,
                 size_t piece, struct buffer *out)
{
    struct sse_parser parser;
    struct sse_event event;
    struct failure why;
    bool good = true;
    sse_open(&parser, CORPUS_MAX);
    stream_open(known, false, 1);
    for (size_t at = 0; good && at < length; at += piece) {
        good = sse_feed(&parser, raw + at, length - at < piece ? length - at : piece);
        bool last = at + piece >= length;
        while (good && !known->done && (sse_next(&parser, &event) || (last && sse_last(&parser, &event)))) {
            good = stream_look(known, &event) != STREAM_ERROR;
            good = good && (!event.data ||
                            responses_stream_frame(responses, event.data, event.data_length, out, &why));
        }
    }
    sse_close(&parser);
    return good;
}

static void say_failure(struct responses_stream *responses, struct buffer *out)
{
    static const char error[] = "{\"code\":\"upstream_cut\",\"message\":\"cut\"}";
    if (!responses_stream_fail(responses, (struct json_value){error, sizeof error - 1}, out))
        buffer_free(out);
}

/* The text of all messages of the model. */
static const char *text_of(struct arena *arena, struct json_value response)
{
    const char *whole = "";
    struct json_value rest = json_elements(json_get(response, "output")), item, part;
    while (json_next_element(&rest, &item)) {
        struct json_value parts = json_elements(json_get(item, "content"));
        while (json_next_element(&parts, &part)) {
            const char *text = json_string(arena, json_get(part, "text"), NULL);
            whole = arena_format(arena, "%s%s", whole, text ? text : "");
        }
    }
    return whole;
}

static const char *same_count(struct json_value expected, const char *name, struct json_value usage,
                              const char *ours)
{
    int64_t wanted = -1, got = -1;
    if (!json_integer(json_get(expected, name), &wanted))
        return NULL;
    return json_integer(json_get(usage, ours), &got) && got == wanted ? NULL : name;
}

/* The expected result of the recording. */
static const char *compare(struct arena *arena, struct json_value expected, struct json_value response)
{
    const char *text = json_string(arena, json_get(expected, "text"), NULL),
               *reason = json_string(arena, json_get(expected, "finish_reason"), NULL),
               *status = json_string(arena, json_get(response, "status"), NULL);
    struct json_value wanted = json_get(expected, "usage"), usage = json_get(response, "usage");
    if (text && strcmp(text, text_of(arena, response)) != 0)
        return "the text is another";
    bool early = reason && (strcmp(reason, "length") == 0 || strcmp(reason, "content_filter") == 0);
    if (!status || strcmp(status, early ? "incomplete" : "completed") != 0)
        return "the status is another";
    const char *count = same_count(wanted, "prompt_tokens", usage, "input_tokens");
    if (!count)
        count = same_count(wanted, "completion_tokens", usage, "output_tokens");
    return count ? count : same_count(wanted, "total_tokens", usage, "total_tokens");
}

static void play_pieces(struct json_value recording, const char *id, size_t piece)
{
    struct arena *arena = arena_create();
    struct responses_context ask = {0};
    struct responses_stream *responses = arena_alloc(arena, sizeof *responses);
    struct heard *heard = arena_alloc(arena, sizeof *heard);
    struct stream known;
    struct failure why;
    struct buffer out;
    size_t length;
    const char *raw = json_string(arena, json_get(recording, "raw"), &length);
    buffer_init(&out, RESPONSES_END_MAX);
    responses_stream_open(responses, arena, &ask);
    bool whole = play(responses, &known, raw, length, piece, &out) && stream_is_complete(&known);
    bool broken = json_kind(json_get(json_get(recording, "expected"), "error")) != JSON_NULL;
    if (!whole)
        say_failure(responses, &out);
    else if (!responses_stream_end(responses, &known.usage, &out, &why))
        complain(id, piece, why.message);
    heard_read(heard, arena, out.bytes, out.length);
    const char *fault = heard_fault(heard);
    if (!fault && whole && !broken)
        fault = compare(arena, json_get(recording, "expected"), heard_response(heard));
    if (fault)
        complain(id, piece, fault);
    passed += !fault;
    buffer_free(&out);
    arena_destroy(arena);
}

static void play_recording(struct arena *arena, struct json_value recording)
{
    static const size_t pieces[] = {1, 7, 61, 1 << 24};
    const char *api = json_string(arena, json_get(recording, "api"), NULL),
               *id = json_string(arena, json_get(recording, "id"), NULL);
    if (!api || strcmp(api, "chat") != 0)
        return;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        play_pieces(recording, id ? id : "?", pieces[i]);
}

int main(void)
{
    struct buffer text;
    struct json_value root, recording;
    struct json_fault fault;
    if (!read_corpus(&text)) {
        printf("could not run: the corpus is not there (../shared/corpus beside the source)\n");
        return 77;
    }
    struct arena *arena = arena_create();
    if (!json_check((struct json_value){text.bytes, text.length}, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root,
                    &fault)) {
        printf("FAILED: the corpus is not JSON: %s\n", fault.what);
        failed++;
    } else {
        struct json_value rest = json_elements(root);
        while (json_next_element(&rest, &recording))
            play_recording(arena, recording);
    }
    printf("%zu passed, %zu failed\n", passed, failed);
    buffer_free(&text);
    arena_destroy(arena);
    return failed || !passed ? EXIT_FAILURE : EXIT_SUCCESS;
}
