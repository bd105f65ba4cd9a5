/* Random conversations and answers go through every pair of dialects and lose nothing. CONVERSIONS sets their
 * number, CONVERSION_SEED plays a single one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "conversion_kit.h"
#include "format/json_write.h"
#include "format/sse.h"
#include "protocol/answer.h"
#include "protocol/dialect_sides.h"
#include "unit.h"

#define ROOM (1024 * 1024)

/* ---- chance ---- */

static uint64_t state;

static unsigned chance(unsigned below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(state >> 33) % below;
}

static const char *pick(const char *const *list, unsigned count)
{
    return list[chance(count)];
}

/* Texts as they stand inside JSON strings. */
static const char *some_text(void)
{
    static const char *const texts[] = {"a",
                                        "two words",
                                        "line\\nline",
                                        "\\u00e9t\\u00e9",
                                        "\\\"quoted\\\"",
                                        "\\\\",
                                        "\xf0\x9f\x98\x80",
                                        "\\ud83d\\ude00",
                                        "{\\\"a\\\":1}",
                                        "<think",
                                        "data: x",
                                        " x "};
    return pick(texts, sizeof texts / sizeof *texts);
}

static const char *some_arguments(void)
{
    static const char *const objects[] = {"{}", "{\"a\":1}", "{\"a\":\"x\\\"y\",\"b\":[1,{\"c\":null}]}",
                                          "{\"path\":\"C:\\\\x\\n\"}", "{\"deep\":{\"e\":1.0e2,\"f\":true}}"};
    return pick(objects, sizeof objects / sizeof *objects);
}

static const char *some_name(void)
{
    static const char *const names[] = {"ls", "read_file", "get-weather", "f"};
    return pick(names, sizeof names / sizeof *names);
}

static const char *quoted(struct arena *arena, const char *text)
{
    struct buffer buffer;
    buffer_init(&buffer, ROOM);
    (void)!json_quote(&buffer, text, strlen(text));
    const char *copy = arena_copy(arena, buffer.bytes, buffer.length);
    buffer_free(&buffer);
    return copy;
}

/* ---- conversations ---- */

static int ids;

static const char *some_id(struct arena *arena)
{
    static const char *const forms[] = {"call_%d", "functions.ls:%d", "toolu_%d", "a|b.%d"};
    return arena_format(arena, pick(forms, 4), ++ids);
}

/* Adds calls and their results. */
static const char *add_calls(struct arena *arena, const char *text)
{
    unsigned count = 1 + chance(3);
    const char *calls = "", *results = "";
    for (unsigned i = 0; i < count; i++) {
        const char *id = some_id(arena);
        calls = arena_format(
            arena,
            "%s%s{\"id\":\"%s\",\"type\":\"function\",\"function\":{\"name\":\"%s\",\"arguments\":%s}}",
            calls, i ? "," : "", id, some_name(), quoted(arena, some_arguments()));
        results = arena_format(arena, "%s,{\"role\":\"tool\",\"tool_call_id\":\"%s\",\"content\":\"%s\"}",
                               results, id, some_text());
    }
    const char *content = chance(2) ? "null" : arena_format(arena, "\"%s\"", some_text());
    return arena_format(arena, "%s,{\"role\":\"assistant\",\"content\":%s,\"tool_calls\":[%s]}%s", text,
                        content, calls, results);
}

static const char *some_chat(struct arena *arena)
{
    const char *text = arena_format(arena, "{\"role\":\"system\",\"content\":\"%s\"}", some_text());
    unsigned turns = 1 + chance(6);
    ids = 0;
    for (unsigned i = 0; i < turns; i++) {
        if (chance(4))
            text = arena_format(arena, "%s,{\"role\":\"user\",\"content\":\"%s\"}", text, some_text());
        else
            text = arena_format(
                arena,
                "%s,{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"%s\"},{\"type\":"
                "\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AA%u=\"}}]}",
                text, some_text(), chance(100));
        if (chance(2))
            text = add_calls(arena, text);
        text = arena_format(arena, "%s,{\"role\":\"assistant\",\"content\":\"%s\"}", text, some_text());
    }
    return arena_format(arena,
                        "{\"model\":\"m\",\"max_tokens\":9,\"messages\":[%s,{\"role\":\"user\",\"content\":"
                        "\"%s\"}]}",
                        text, some_text());
}

/* ---- what a chat says, whatever its form ---- */

static const char *decoded(struct arena *arena, struct json_value value)
{
    const char *text = json_string(arena, value, NULL);
    return text ? text : "";
}

static size_t number_of_id(struct arena *arena, const char **known, size_t *count, struct json_value id)
{
    const char *text = decoded(arena, id);
    size_t i = 0;
    while (i < *count && strcmp(known[i], text) != 0)
        i++;
    if (i == *count)
        known[(*count)++] = text;
    return i;
}

static const char *essence(struct arena *arena, const char *chat)
{
    struct json_value rest = json_elements(json_get(parsed(chat), "messages")), message, part;
    const char *known[256], *said = "";
    size_t count = 0;
    while (json_next_element(&rest, &message)) {
        const char *role = decoded(arena, json_get(message, "role"));
        struct json_value content = json_get(message, "content"), parts = json_elements(content);
        if (strcmp(role, "tool") == 0)
            said = arena_format(arena, "%sR%zu:", said,
                                number_of_id(arena, known, &count, json_get(message, "tool_call_id")));
        if (json_kind(content) == JSON_STRING && content.length > 2)
            said = arena_format(arena, "%s%c:%s\n", said, *role, decoded(arena, content));
        while (json_next_element(&parts, &part)) {
            struct json_value url = json_get(json_get(part, "image_url"), "url");
            said = arena_format(arena, "%s%c:%s\n", said, *role,
                                decoded(arena, url.at ? url : json_get(part, "text")));
        }
        parts = json_elements(json_get(message, "tool_calls"));
        while (json_next_element(&parts, &part)) {
            struct json_value function = json_get(part, "function");
            said = arena_format(
                arena, "%sC%zu:%s:%s\n", said, number_of_id(arena, known, &count, json_get(part, "id")),
                decoded(arena, json_get(function, "name")), decoded(arena, json_get(function, "arguments")));
        }
    }
    return said;
}

static bool goes_and_comes(enum api between, unsigned seed)
{
    struct pair there = pair_open(API_CHAT, between), back = pair_open(between, API_CHAT);
    const char *chat = some_chat(there.arena), *other = pair_request(&there, chat);
    const char *again = other ? pair_request(&back, other) : NULL;
    const char *wanted = essence(there.arena, chat), *got = again ? essence(there.arena, again) : "";
    bool same = strcmp(wanted, got) == 0;
    if (!same)
        printf("\n  seed %u by %s\n%s\n%s\n%s\nwanted\n%sgot\n%s", seed, api_name(between), chat,
               other ? other : there.why.message, again ? again : back.why.message, wanted, got);
    pair_close(&there);
    pair_close(&back);
    return same;
}

/* ---- answers ---- */

struct item {
    char kind; /* Reasoning, Text, Call */
    const char *text, *name;
};

struct words {
    struct item items[8];
    size_t count;
};

static struct words some_answer(void)
{
    struct words words = {0};
    if (chance(2))
        words.items[words.count++] = (struct item){'R', some_text(), NULL};
    if (chance(3))
        words.items[words.count++] = (struct item){'T', some_text(), NULL};
    unsigned calls = words.count ? chance(3) : 1 + chance(2);
    for (unsigned i = 0; i < calls; i++)
        words.items[words.count++] = (struct item){'C', some_arguments(), some_name()};
    return words;
}

static const char *join(struct arena *arena, const char *before, const char *separator, const char *after)
{
    return arena_format(arena, "%s%s%s", before, *before ? separator : "", after);
}

/* The frames of a stream are lines, a body is one. */
struct made {
    const char *body;
    const char *frames[64];
    size_t count;
};

static void add(struct made *made, const char *frame)
{
    made->frames[made->count++] = frame;
}

/* Cuts the inside of a quoted text into two quoted pieces, not within an escape. */
static void cut(struct arena *arena, const char *whole, const char **one, const char **other)
{
    size_t length = strlen(whole), at = 1;
    for (unsigned steps = chance(6); steps && at + 1 < length; steps--)
        at += whole[at] != '\\' ? 1 : whole[at + 1] == 'u' ? (whole[at + 2] == 'd' ? 12 : 6) : 2;
    while (at + 1 < length && (whole[at] & 0xc0) == 0x80)
        at++;
    *one = arena_format(arena, "%.*s\"", (int)at, whole);
    *other = arena_format(arena, "\"%s", whole + at);
}

static struct made make_chat(struct arena *arena, const struct words *words)
{
    struct made made = {0};
    const char *text = "\"\"", *thought = "\"\"", *calls = "", *one, *other;
    size_t call = 0;
    add(&made,
        "{\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}");
    for (size_t i = 0; i < words->count; i++) {
        const struct item *item = &words->items[i];
        const char *whole = item->kind == 'C' ? quoted(arena, item->text)
                                              : arena_format(arena, "\"%s\"", item->text);
        const char *head = item->kind == 'T' ? "\"content\":" : "\"reasoning_content\":", *tail = "";
        cut(arena, whole, &one, &other);
        if (item->kind == 'C') {
            calls = join(arena, calls, ",",
                         arena_format(arena,
                                      "{\"id\":\"c%zu\",\"function\":{\"name\":\"%s\",\"arguments\":%s}}",
                                      call, item->name, whole));
            add(&made,
                arena_format(
                    arena,
                    "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":%zu,\"id\":\"c%zu\","
                    "\"function\":{\"name\":\"%s\",\"arguments\":\"\"}}]}}]}",
                    call, call, item->name));
            head = arena_format(arena, "\"tool_calls\":[{\"index\":%zu,\"function\":{\"arguments\":", call++);
            tail = "}}]";
        }
        text = item->kind == 'T' ? whole : text;
        thought = item->kind == 'R' ? whole : thought;
        add(&made, arena_format(arena, "{\"choices\":[{\"index\":0,\"delta\":{%s%s%s}}]}", head, one, tail));
        add(&made,
            arena_format(arena, "{\"choices\":[{\"index\":0,\"delta\":{%s%s%s}}]}", head, other, tail));
    }
    add(&made, "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}");
    made.body = arena_format(
        arena,
        "{\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"content\":%s,\"reasoning_content\":"
        "%s,\"tool_calls\":[%s]},\"finish_reason\":\"stop\"}]}",
        text, thought, calls);
    return made;
}

static struct made make_messages(struct arena *arena, const struct words *words)
{
    struct made made = {0};
    const char *blocks = "", *one, *other;
    add(&made, "{\"type\":\"message_start\",\"message\":{\"model\":\"m\",\"content\":[]}}");
    for (size_t i = 0; i < words->count; i++) {
        const struct item *item = &words->items[i];
        const char *whole = item->kind == 'C' ? quoted(arena, item->text)
                                              : arena_format(arena, "\"%s\"", item->text);
        const char *head, *block, *delta;
        cut(arena, whole, &one, &other);
        if (item->kind == 'C') {
            head = arena_format(arena, "\"type\":\"tool_use\",\"id\":\"c%zu\",\"name\":\"%s\",\"input\":", i,
                                item->name);
            block = arena_format(arena, "{%s%s}", head, item->text);
            head = arena_format(arena, "{%s{}}", head);
            delta = "\"type\":\"input_json_delta\",\"partial_json\":";
        } else {
            const char *type = item->kind == 'T' ? "text" : "thinking";
            block = arena_format(arena, "{\"type\":\"%s\",\"%s\":%s}", type, type, whole);
            head = arena_format(arena, "{\"type\":\"%s\",\"%s\":\"\"}", type, type);
            delta = arena_format(arena, "\"type\":\"%s_delta\",\"%s\":", type, type);
        }
        blocks = join(arena, blocks, ",", block);
        add(&made,
            arena_format(arena, "{\"type\":\"content_block_start\",\"index\":%zu,\"content_block\":%s}", i,
                         head));
        add(&made, arena_format(arena, "{\"type\":\"content_block_delta\",\"delta\":{%s%s}}", delta, one));
        add(&made, arena_format(arena, "{\"type\":\"content_block_delta\",\"delta\":{%s%s}}", delta, other));
        add(&made, "{\"type\":\"content_block_stop\"}");
    }
    add(&made, "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}");
    made.body = arena_format(arena, "{\"model\":\"m\",\"content\":[%s],\"stop_reason\":\"end_turn\"}",
                             blocks);
    return made;
}

static struct made make_responses(struct arena *arena, const struct words *words)
{
    struct made made = {0};
    const char *items = "", *one, *other;
    add(&made, "{\"type\":\"response.created\",\"response\":{\"model\":\"m\"}}");
    for (size_t i = 0; i < words->count; i++) {
        const struct item *item = &words->items[i];
        const char *whole = item->kind == 'C' ? quoted(arena, item->text)
                                              : arena_format(arena, "\"%s\"", item->text);
        const char *done, *event;
        cut(arena, whole, &one, &other);
        if (item->kind == 'C') {
            done = arena_format(arena,
                                "{\"type\":\"function_call\",\"id\":\"f%zu\",\"call_id\":\"c%zu\",\"name\":"
                                "\"%s\",\"arguments\":%s}",
                                i, i, item->name, whole);
            event = "function_call_arguments";
            add(&made,
                arena_format(
                    arena,
                    "{\"type\":\"response.output_item.added\",\"item\":{\"type\":\"function_call\",\"id\":"
                    "\"f%zu\",\"call_id\":\"c%zu\",\"name\":\"%s\",\"arguments\":\"\"}}",
                    i, i, item->name));
        } else if (item->kind == 'T') {
            done = arena_format(
                arena, "{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":%s}]}", whole);
            event = "output_text";
        } else {
            done = arena_format(
                arena, "{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":%s}]}",
                whole);
            event = "reasoning_summary_text";
        }
        items = join(arena, items, ",", done);
        add(&made, arena_format(arena, "{\"type\":\"response.%s.delta\",\"item_id\":\"f%zu\",\"delta\":%s}",
                                event, i, one));
        add(&made, arena_format(arena, "{\"type\":\"response.%s.delta\",\"item_id\":\"f%zu\",\"delta\":%s}",
                                event, i, other));
        add(&made, arena_format(arena, "{\"type\":\"response.output_item.done\",\"item\":%s}", done));
    }
    made.body = arena_format(arena, "{\"model\":\"m\",\"status\":\"completed\",\"output\":[%s]}", items);
    add(&made, arena_format(arena, "{\"type\":\"response.completed\",\"response\":%s}", made.body));
    return made;
}

static struct made make_gemini(struct arena *arena, const struct words *words)
{
    struct made made = {0};
    const char *parts = "";
    for (size_t i = 0; i < words->count; i++) {
        const struct item *item = &words->items[i];
        const char *part = item->kind == 'C'
                               ? arena_format(
                                     arena,
                                     "{\"functionCall\":{\"id\":\"c%zu\",\"name\":\"%s\",\"args\":%s}}", i,
                                     item->name, item->text)
                               : arena_format(arena, "{\"text\":\"%s\"%s}", item->text,
                                              item->kind == 'R' ? ",\"thought\":true" : "");
        parts = join(arena, parts, ",", part);
        add(&made,
            arena_format(arena, "{\"candidates\":[{\"content\":{\"parts\":[%s]}}],\"modelVersion\":\"m\"}",
                         part));
    }
    add(&made, "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\"}]},\"finishReason\":\"STOP\"}]}");
    made.body = arena_format(
        arena,
        "{\"candidates\":[{\"content\":{\"parts\":[%s]},\"finishReason\":\"STOP\"}],\"modelVersion\":\"m\"}",
        parts);
    return made;
}

/* ---- what the client reads ---- */

static const struct provider_side *reader_of(enum api client)
{
    return client == API_CHAT        ? &chat_provider
           : client == API_RESPONSES ? &responses_provider
                                     : &messages_provider;
}

static const char *told(struct arena *arena, struct answer *answer)
{
    const char *text = "";
    for (size_t i = 0; i < answer->count; i++) {
        const struct answer_item *item = answer->items[i];
        const char *said = json_string(arena,
                                       parsed(arena_format(arena, "\"%.*s\"", (int)item->text.length,
                                                           item->text.bytes ? item->text.bytes : "")),
                                       NULL);
        if (item->text.length)
            text = arena_format(arena, "%s%c:%.*s:%s\n", text, "TxRCo"[item->kind], (int)item -> name.length,
                                item->name.bytes ? item->name.bytes : "", said);
    }
    return text;
}

static const char *told_by_body(struct arena *arena, enum api client, const char *body)
{
    struct answer *answer = arena_alloc(arena, sizeof *answer);
    const struct provider_side *reader = reader_of(client);
    struct failure why;
    answer_open(answer, arena, NULL, NULL, NULL);
    CU_ASSERT_TRUE(reader->read_body(answer, parsed(body), &why));
    CU_ASSERT_TRUE((!reader->read_end || reader->read_end(answer, &why)) && answer_finish(answer, &why));
    return told(arena, answer);
}

static const char *told_by_stream(struct arena *arena, enum api client, const char *stream)
{
    struct answer *answer = arena_alloc(arena, sizeof *answer);
    const struct provider_side *reader = reader_of(client);
    struct sse_parser parser;
    struct sse_event event;
    struct failure why;
    answer_open(answer, arena, NULL, NULL, NULL);
    sse_open(&parser, ROOM);
    CU_ASSERT_TRUE(sse_feed(&parser, stream, strlen(stream)));
    while (sse_next(&parser, &event))
        if (event.data && *event.data == '{')
            CU_ASSERT_TRUE(
                reader->read_frame(answer, parsed(arena_copy(arena, event.data, event.data_length)), &why));
    sse_close(&parser);
    CU_ASSERT_TRUE((!reader->read_end || reader->read_end(answer, &why)) && answer_finish(answer, &why));
    return told(arena, answer);
}

static const char *told_by_words(struct arena *arena, const struct words *words)
{
    const char *text = "";
    for (size_t i = 0; i < words->count; i++) {
        const struct item *item = &words->items[i];
        const char *said = item->kind == 'C'
                               ? item->text
                               : json_string(arena, parsed(arena_format(arena, "\"%s\"", item->text)), NULL);
        text = arena_format(arena, "%s%c:%s:%s\n", text, item->kind, item->name ? item->name : "", said);
    }
    return text;
}

static bool says_the_same(enum api client, enum api provider, unsigned seed)
{
    static struct made (*const makers[])(struct arena *, const struct words *) = {make_chat, make_responses,
                                                                                  make_messages, make_gemini};
    struct pair pair = pair_open(client, provider);
    struct words words = some_answer();
    struct made made = makers[provider](pair.arena, &words);
    const char *body = pair_body(&pair, made.body), *stream = pair_stream(&pair, made.frames);
    CU_ASSERT_TRUE_FATAL(body && stream);
    const char *wanted = told_by_words(pair.arena, &words);
    const char *one = told_by_body(pair.arena, client, body),
               *other = told_by_stream(pair.arena, client, stream);
    bool same = strcmp(one, wanted) == 0 && strcmp(other, wanted) == 0;
    if (!same)
        printf("\n  seed %u from %s to %s\nwanted\n%sbuffered\n%sstreamed\n%s%s\n%s\n", seed,
               api_name(provider), api_name(client), wanted, one, other, body, stream);
    pair_close(&pair);
    return same;
}

/* ---- the games ---- */

static unsigned number_of(const char *variable, unsigned otherwise)
{
    const char *text = getenv(variable);
    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

static void play(bool (*game)(unsigned seed))
{
    unsigned only = number_of("CONVERSION_SEED", 0), count = number_of("CONVERSIONS", 300), lost = 0;
    for (unsigned seed = only ? only : 1; seed <= (only ? only : count) && lost < 3; seed++) {
        state = seed * UINT64_C(0x9e3779b97f4a7c15);
        lost += !game(seed);
    }
    CU_ASSERT_EQUAL(lost, 0);
}

static bool requests_go_and_come(unsigned seed)
{
    return goes_and_comes(seed % 2 ? API_MESSAGES : API_RESPONSES, seed);
}

static bool answers_say_the_same(unsigned seed)
{
    return says_the_same((enum api)(seed % 3), (enum api)(seed / 3 % 4), seed);
}

static void conversations_lose_nothing(void)
{
    play(requests_go_and_come);
}

static void streamed_is_buffered(void)
{
    play(answers_say_the_same);
}

static const struct unit_test tests[] = {
    {"conversations lose nothing", conversations_lose_nothing},
    {"streamed is buffered", streamed_is_buffered},
};

UNIT_MAIN("convert_game", tests)
