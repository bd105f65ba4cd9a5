/* Converts requests and answers between any two dialects. */
#include "conversion_kit.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "protocol/conversation_build.h"
#include "protocol/dialect_sides.h"
#include "protocol/messages/messages_native.h"
#include "unit.h"

#define ROOM (16 * 1024 * 1024)

static const struct client_side *client_of(enum api api)
{
    return api == API_CHAT ? &chat_client : api == API_RESPONSES ? &responses_client : &messages_client;
}

static const struct provider_side *provider_of(enum api api)
{
    static const struct provider_side *const providers[] = {&chat_provider, &responses_provider,
                                                            &messages_provider, &gemini_provider};
    return providers[api];
}

struct pair pair_open(enum api client, enum api provider)
{
    return (struct pair){.arena = arena_create(),
                         .client = client,
                         .provider = provider,
                         .facts = {.name = "fake", .model = "m", .effort = true, .max_tokens = 8192},
                         .usage = token_usage_unknown()};
}

void pair_close(struct pair *pair)
{
    arena_destroy(pair->arena);
}

struct json_value parsed(const char *text)
{
    struct json_value root = {0};
    struct json_fault fault;
    bool good = json_check((struct json_value){text, strlen(text)}, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root,
                           &fault);
    if (!good)
        printf("\n  not JSON: %s\n", text);
    CU_ASSERT_TRUE_FATAL(good);
    return root;
}

static bool read_request(struct pair *pair, const char *request, struct conversation *conversation)
{
    const char *kept = arena_copy(pair->arena, request, strlen(request));
    conversation_open(conversation, pair->arena, pair->client, pair->provider, parsed(kept));
    conversation->mark = "fake-0";
    if (pair->client == API_MESSAGES)
        conversation->private = arena_alloc(pair->arena, sizeof(struct messages_client));
    bool good = client_of(pair->client)->read_request(conversation, &pair->why);
    conversation_settle(conversation);
    return good;
}

static const char *taken(struct pair *pair, struct buffer *buffer, bool good)
{
    const char *text = good ? arena_copy(pair->arena, buffer->bytes, buffer->length) : NULL;
    buffer_free(buffer);
    return text;
}

const char *pair_request(struct pair *pair, const char *request)
{
    struct conversation conversation;
    struct buffer out;
    buffer_init(&out, ROOM);
    bool good = read_request(pair, request, &conversation) &&
                provider_of(pair->provider)->write_request(&conversation, &pair->facts, &out, &pair->why);
    return taken(pair, &out, good);
}

static void open_writer(struct pair *pair, struct answer_writer *writer)
{
    static const char *const empty[] = {"{\"model\":\"asked\",\"messages\":[]}",
                                        "{\"model\":\"asked\",\"input\":[]}",
                                        "{\"model\":\"asked\",\"messages\":[]}"};
    struct conversation *conversation = arena_alloc(pair->arena, sizeof *conversation);
    CU_ASSERT_TRUE(read_request(pair, pair->request ? pair->request : empty[pair->client], conversation));
    answer_writer_open(writer, client_of(pair->client)->writer, pair->arena, conversation);
    if (provider_of(pair->provider)->open_answer)
        provider_of(pair->provider)->open_answer(&writer->answer, &pair->facts);
}

const char *pair_body(struct pair *pair, const char *body)
{
    const struct provider_side *provider = provider_of(pair->provider);
    struct answer_writer *writer = arena_alloc(pair->arena, sizeof *writer);
    struct buffer out;
    buffer_init(&out, ROOM);
    open_writer(pair, writer);
    bool good = answer_writer_body(writer, provider->read_body, provider->read_end, parsed(body),
                                   &pair->usage, &out, &pair->why);
    return taken(pair, &out, good);
}

const char *pair_stream(struct pair *pair, const char *const *frames)
{
    const struct provider_side *provider = provider_of(pair->provider);
    struct answer_writer *writer = arena_alloc(pair->arena, sizeof *writer);
    struct buffer out;
    bool good = true;
    buffer_init(&out, ROOM);
    open_writer(pair, writer);
    for (; good && *frames; frames++)
        good = answer_writer_frame(writer, provider->read_frame, parsed(*frames), &out, &pair->why);
    good = good && answer_writer_end(writer, provider->read_end, &pair->usage, &out, &pair->why);
    return taken(pair, &out, good);
}

void expect_request(enum api client, enum api provider, const char *request, const char *wanted)
{
    struct pair pair = pair_open(client, provider);
    const char *got = pair_request(&pair, request);
    if (!got || strcmp(got, wanted) != 0)
        printf("\n  asked  %s\n  wanted %s\n  got    %s\n", request, wanted, got ? got : pair.why.message);
    CU_ASSERT_STRING_EQUAL(got ? got : "", wanted);
    pair_close(&pair);
}

void expect_request_refused(enum api client, enum api provider, const char *request, const char *param)
{
    struct pair pair = pair_open(client, provider);
    const char *got = pair_request(&pair, request);
    if (got || strcmp(pair.why.param, param) != 0)
        printf("\n  asked  %s\n  wanted a refusal of %s\n  got    %s %s\n", request, param,
               got ? got : pair.why.param, got ? "" : pair.why.message);
    CU_ASSERT_PTR_NULL(got);
    CU_ASSERT_STRING_EQUAL(got ? "" : pair.why.param, param);
    CU_ASSERT_EQUAL(got ? 0 : pair.why.status, 400);
    pair_close(&pair);
}

/* Random parts are runs of 32 hexadecimal digits, and the time. */
static size_t random_length(const char *at)
{
    size_t digits = 0;
    while (digits < 32 && isxdigit((unsigned char)at[digits]))
        digits++;
    if (digits == 32)
        return 32;
    digits = 0;
    while (isdigit((unsigned char)at[digits]))
        digits++;
    return digits == 10 ? 10 : 0;
}

const char *masked_events(struct arena *arena, const char *stream)
{
    char *masked = arena_alloc(arena, strlen(stream) + 1), *to = masked;
    const char *line = stream;
    while (*line) {
        size_t length = strcspn(line, "\n");
        if (strncmp(line, "data: ", 6) == 0) {
            for (const char *at = line + 6; at < line + length;) {
                size_t skipped = random_length(at);
                *to++ = skipped ? '#' : *at;
                at += skipped ? skipped : 1;
            }
            *to++ = '\n';
        }
        line += length + (line[length] == '\n');
    }
    *to = '\0';
    return masked;
}
