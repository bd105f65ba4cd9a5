/* Chat chunks become the events of a response: in order, complete, and with the right end. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/responses/responses_context.h"
#include "responses_kit.h"
#include "unit.h"
#include "usage/token_usage.h"

#define ROOM (1024 * 1024)

static struct arena *arena;
static struct failure why;
static struct responses_context ask;
static struct responses_stream stream;
static struct buffer out;
static struct heard heard;

static void begin(void)
{
    arena = arena_create();
    ask = (struct responses_context){0};
    buffer_init(&out, ROOM);
    responses_stream_open(&stream, arena, &ask);
}

static bool frame(const char *chunk)
{
    return responses_stream_frame(&stream, chunk, strlen(chunk), &out, &why);
}

#define DELTA(members)                                                                                       \
    "{\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{" members "},\"finish_reason\":null}]}"
#define FINISH(reason)                                                                                       \
    "{\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" reason "\"}]}"
#define CALL(index, members) DELTA("\"tool_calls\":[{\"index\":" index "," members "}]")

static void end(const struct token_usage *usage)
{
    CU_ASSERT_TRUE(responses_stream_end(&stream, usage, &out, &why));
    heard_read(&heard, arena, out.bytes, out.length);
    const char *fault = heard_fault(&heard);
    if (fault)
        printf("\n  %s\n%.*s\n", fault, (int)out.length, out.bytes);
    CU_ASSERT_PTR_NULL(fault);
}

static void finish(void)
{
    buffer_free(&out);
    arena_destroy(arena);
}

static void expect_types(const char *types)
{
    if (strcmp(heard_types(&heard), types) != 0)
        printf("\n  wanted %s\n  got    %s\n", types, heard_types(&heard));
    CU_ASSERT_STRING_EQUAL(heard_types(&heard), types);
}

static void expect_in_response(const char *name, const char *wanted)
{
    const char *got = masked(arena, json_get(heard_response(&heard), name));
    if (strcmp(got, wanted) != 0)
        printf("\n  wanted %s\n  got    %s\n", wanted, got);
    CU_ASSERT_STRING_EQUAL(got, wanted);
}

static void text_is_said_in_the_recorded_order(void)
{
    begin();
    CU_ASSERT_TRUE(frame(DELTA("\"role\":\"assistant\",\"content\":\"\"")));
    CU_ASSERT_TRUE(frame(DELTA("\"content\":\"a\\n\"")));
    CU_ASSERT_TRUE(frame(DELTA("\"content\":\"b\"")));
    CU_ASSERT_TRUE(frame(FINISH("stop")));
    struct token_usage usage = token_usage_unknown();
    usage.source = USAGE_PROVIDER;
    usage.prompt = 3;
    usage.completion = 1;
    end(&usage);
    expect_types(
        "created in_progress output_item.added content_part.added output_text.delta* output_text.done "
        "content_part.done output_item.done completed");
    expect_in_response("status", "\"completed\"");
    expect_in_response("model", "\"m\"");
    expect_in_response(
        "output",
        "[{\"id\":\"msg_#\",\"status\":\"completed\",\"type\":\"message\",\"role\":\"assistant\",\"content\":"
        "[{\"type\":\"output_text\",\"text\":\"a\\nb\",\"annotations\":[]}]}]");
    CU_ASSERT_PTR_NOT_NULL(strstr(masked(arena, heard_response(&heard)), "\"usage\":{\"input_tokens\":3,"));
    CU_ASSERT_STRING_EQUAL(
        masked(arena, heard.events[4].data),
        "{\"type\":\"response.output_text.delta\",\"sequence_number\":4,\"item_id\":\"msg_#\","
        "\"output_index\":0,\"content_index\":0,\"delta\":\"a\\n\",\"logprobs\":[]}");
    finish();
}

static void an_event_is_whole_as_soon_as_its_chunk_is(void)
{
    begin();
    CU_ASSERT_TRUE(frame("{\"choices\":[]}"));
    heard_read(&heard, arena, out.bytes, out.length);
    expect_types("created in_progress");
    CU_ASSERT_TRUE(frame(DELTA("\"content\":\"a\"")));
    heard_read(&heard, arena, out.bytes, out.length);
    expect_types("created in_progress output_item.added content_part.added output_text.delta");
    size_t before = out.length;
    CU_ASSERT_TRUE(frame("[DONE]"));
    CU_ASSERT_TRUE(frame("7"));
    CU_ASSERT_EQUAL(out.length, before);
    finish();
}

static void refusal_and_reasoning_have_events_of_their_own(void)
{
    begin();
    CU_ASSERT_TRUE(frame(DELTA("\"reasoning_content\":\"h\"")));
    CU_ASSERT_TRUE(frame(DELTA("\"reasoning\":\"m\",\"content\":\"\"")));
    CU_ASSERT_TRUE(frame(DELTA("\"refusal\":\"no\"")));
    end(NULL);
    expect_types(
        "created in_progress output_item.added reasoning_summary_part.added reasoning_summary_text.delta* "
        "reasoning_summary_text.done reasoning_summary_part.done output_item.done output_item.added "
        "content_part.added refusal.delta refusal.done content_part.done output_item.done completed");
    expect_in_response("usage", "null");
    finish();
}

static void calls_may_come_in_turns(void)
{
    begin();
    CU_ASSERT_TRUE(frame(DELTA("\"content\":\"so\"")));
    CU_ASSERT_TRUE(frame(
        CALL("0", "\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}")));
    CU_ASSERT_TRUE(frame(CALL("0", "\"function\":{\"arguments\":\"{\\\"x\\\"\"}")));
    CU_ASSERT_TRUE(frame(CALL("1", "\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}")));
    CU_ASSERT_TRUE(frame(CALL("0", "\"function\":{\"arguments\":\":1}\"}")));
    CU_ASSERT_TRUE(frame(FINISH("tool_calls")));
    end(NULL);
    expect_types(
        "created in_progress output_item.added content_part.added output_text.delta output_text.done "
        "content_part.done output_item.done output_item.added function_call_arguments.delta* "
        "output_item.added function_call_arguments.done output_item.done "
        "function_call_arguments.delta function_call_arguments.done output_item.done completed");
    const char *output = masked(arena, json_get(heard_response(&heard), "output"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(output, "\"call_id\":\"a\",\"name\":\"f\",\"arguments\":\"{\\\"x\\\":1}\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(output, "\"call_id\":\"b\",\"name\":\"g\",\"arguments\":\"{}\""));
    finish();
}

static void calls_of_one_index_are_told_by_their_ids(void)
{
    begin();
    CU_ASSERT_TRUE(frame(CALL("0", "\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}")));
    CU_ASSERT_TRUE(frame(CALL("0", "\"id\":\"b\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}")));
    CU_ASSERT_TRUE(frame(CALL("2", "\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"{\"}")));
    CU_ASSERT_TRUE(frame(CALL("2", "\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"}\"}")));
    CU_ASSERT_TRUE(frame(CALL("3", "\"id\":\"d\",\"function\":{\"name\":\"g\"}"))); /* no arguments at all */
    end(NULL);
    const char *output = masked(arena, json_get(heard_response(&heard), "output"));
    CU_ASSERT_EQUAL(stream.writer.answer.count, 4);
    CU_ASSERT_PTR_NOT_NULL(strstr(output, "\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\""));
    finish();
}

/* However the text is cut, the text between the tags is reasoning. */
static void tags_part_thought_from_text(void)
{
    static const char *const units[] = {"a", "<",    "think",   ">", "b",    "\\n",   "\\u003c", "/",
                                        "t", "hink", "\\u003E", "c", "<",    "<",     "think",   ">",
                                        "<", "/",    "think",   ">", "\\\\", "u003c", "d"};
    const size_t count = sizeof units / sizeof *units;
    for (size_t piece = 1; piece <= count; piece++) {
        begin();
        responses_stream_takes_tags(&stream);
        for (size_t at = 0; at < count;) {
            const char *text = "";
            for (size_t i = 0; i < piece && at < count; i++)
                text = arena_format(arena, "%s%s", text, units[at++]);
            CU_ASSERT_TRUE(frame(arena_format(arena, DELTA("\"content\":\"%s\""), text)));
        }
        end(NULL);
        expect_in_response(
            "output", "[{\"id\":\"msg_#\",\"status\":\"completed\",\"type\":\"message\",\"role\":"
                      "\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\",\"annotations\":[]"
                      "}]},{\"id\":\"rs_#\",\"status\":\"completed\",\"type\":\"reasoning\",\"summary\":[{"
                      "\"type\":\"summary_text\",\"text\":\"b\\n\"}]},{\"id\":\"msg_#\",\"status\":"
                      "\"completed\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":"
                      "\"output_text\",\"text\":\"c<\\\\u003cd\",\"annotations\":[]}]}]");
        finish();
    }
}

static void a_tag_without_end_is_told_at_the_end(void)
{
    begin();
    responses_stream_takes_tags(&stream);
    CU_ASSERT_TRUE(frame(DELTA("\"content\":\"<think>so </thi\"")));
    end(NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(masked(arena, heard_response(&heard)),
                                  "\"summary\":[{\"type\":\"summary_text\",\"text\":\"so </thi\"}]"));
    finish();
}

static void an_early_end_is_incomplete(void)
{
    static const struct {
        const char *chunk, *details;
    } cases[] = {{FINISH("length"), "{\"reason\":\"max_output_tokens\"}"},
                 {FINISH("content_filter"), "{\"reason\":\"content_filter\"}"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin();
        CU_ASSERT_TRUE(frame(DELTA("\"content\":\"ha\"")));
        CU_ASSERT_TRUE(frame(cases[i].chunk));
        end(NULL);
        CU_ASSERT_STRING_EQUAL(heard.events[heard.count - 1].type, "response.incomplete");
        expect_in_response("incomplete_details", cases[i].details);
        finish();
    }
}

static void silence_is_an_empty_message(void)
{
    begin();
    end(NULL);
    expect_types(
        "created in_progress output_item.added content_part.added output_text.done content_part.done "
        "output_item.done completed");
    finish();
}

static void a_surrogate_pair_cut_in_two_is_whole_again(void)
{
    begin();
    CU_ASSERT_TRUE(frame(DELTA("\"content\":\"\\ud83d\"")));
    CU_ASSERT_TRUE(frame(DELTA("\"content\":\"\\ude00\"")));
    end(NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(masked(arena, heard_response(&heard)), "\"text\":\"\\ud83d\\ude00\""));
    finish();
}

static bool fail_with(const char *error)
{
    struct json_value root = {0};
    struct json_fault fault;
    CU_ASSERT_TRUE_FATAL(
        json_check((struct json_value){error, strlen(error)}, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault));
    return responses_stream_fail(&stream, root, &out);
}

#define SLOW                                                                                                 \
    "{\"message\":\"too "                                                                                    \
    "\\\"slow\\\"\",\"type\":\"t\",\"param\":null,\"code\":\"timeout\",\"retryable\":true}"

static void a_failure_is_said_twice_and_ends_the_stream(void)
{
    begin();
    CU_ASSERT_TRUE(frame(DELTA("\"content\":\"ha\"")));
    CU_ASSERT_TRUE(fail_with(SLOW));
    heard_read(&heard, arena, out.bytes, out.length);
    CU_ASSERT_PTR_NULL(heard_fault(&heard));
    expect_types("created in_progress output_item.added content_part.added output_text.delta error failed");
    expect_in_response("status", "\"failed\"");
    expect_in_response("output", "[]");
    expect_in_response("error", "{\"code\":\"timeout\",\"message\":\"too \\\"slow\\\"\"}");
    CU_ASSERT_STRING_EQUAL(masked(arena, heard.events[heard.count - 2].data),
                           "{\"type\":\"error\",\"sequence_number\":5,\"code\":\"timeout\",\"message\":"
                           "\"too \\\"slow\\\"\",\"param\":null,\"error\":" SLOW "}");
    finish();
}

static void a_failure_before_all_else_begins_as_it_has_to(void)
{
    begin();
    CU_ASSERT_TRUE(fail_with(SLOW));
    heard_read(&heard, arena, out.bytes, out.length);
    CU_ASSERT_PTR_NULL(heard_fault(&heard));
    expect_types("created in_progress error failed");
    CU_ASSERT_TRUE(
        json_name_is(json_get(json_get(heard.events[0].data, "response"), "status"), "in_progress"));
    CU_ASSERT_EQUAL(json_kind(json_get(json_get(heard.events[0].data, "response"), "error")), JSON_NULL);
    finish();
}

static void follow(const char *event)
{
    responses_writer_follow(&stream.writer, event, strlen(event));
}

static void a_failure_goes_on_from_the_providers_own_events(void)
{
    static const char created[] =
        "{\"type\":\"response.created\",\"sequence_number\":0,\"response\":{\"id\":\"resp_own\","
        "\"model\":\"theirs\"}}";
    begin();
    follow(created);
    follow("{\"type\":\"response.output_text.delta\",\"sequence_number\":7}");
    follow("no JSON");
    follow("{\"type\":\"keepalive\",\"sequence_number\":-3}");
    CU_ASSERT_TRUE(fail_with(SLOW));
    const char *said = masked(arena, (struct json_value){out.bytes, out.length});
    CU_ASSERT_PTR_EQUAL(strstr(said, "event: error\ndata: {\"type\":\"error\",\"sequence_number\":8,"), said);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "\"sequence_number\":9,\"response\":{\"id\":\"resp_own\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "\"model\":\"theirs\""));
    finish();
}

static void where_room_is_short_a_failure_repeats_less(void)
{
    begin();
    char tools[4096];
    memset(tools, ' ', sizeof tools);
    tools[0] = '[';
    tools[sizeof tools - 1] = ']';
    ask.echo[ECHO_TOOLS] = (struct json_value){tools, sizeof tools};
    out.ceiling = 8192;
    CU_ASSERT_TRUE(fail_with(SLOW));
    heard_read(&heard, arena, out.bytes, out.length);
    CU_ASSERT_PTR_NULL(heard_fault(&heard));
    expect_in_response("tools", "[]");
    finish();
}

/* A chunk that does not fit leaves nothing behind, and a failure can still be reported. */
static void what_does_not_fit_is_taken_back(void)
{
    begin();
    CU_ASSERT_TRUE(frame(DELTA("\"content\":\"a\"")));
    size_t before = out.length;
    for (out.ceiling = before; out.ceiling < before + 400; out.ceiling++) {
        if (frame(DELTA("\"content\":\"b\"")))
            break;
        CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_RESPONSE);
        CU_ASSERT_EQUAL(out.length, before);
        CU_ASSERT_FALSE(responses_stream_end(&stream, NULL, &out, &why));
        CU_ASSERT_EQUAL(out.length, before);
        responses_stream_open(&stream, arena, &ask);
        out.length = 0;
        size_t ceiling = out.ceiling;
        out.ceiling = ROOM;
        CU_ASSERT_TRUE(frame(DELTA("\"content\":\"a\"")));
        out.ceiling = ceiling;
    }
    CU_ASSERT_TRUE(out.length > before);
    out.ceiling = ROOM;
    CU_ASSERT_TRUE(fail_with(SLOW));
    heard_read(&heard, arena, out.bytes, out.length);
    CU_ASSERT_PTR_NULL(heard_fault(&heard));
    finish();
}

static void an_end_without_room_can_be_said_again(void)
{
    begin();
    CU_ASSERT_TRUE(frame(DELTA("\"content\":\"a\"")));
    CU_ASSERT_TRUE(frame(CALL("0", "\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}")));
    size_t before = out.length;
    out.ceiling = before + 100;
    CU_ASSERT_FALSE(responses_stream_end(&stream, NULL, &out, &why));
    CU_ASSERT_EQUAL(out.length, before);
    out.ceiling = ROOM;
    end(NULL);
    CU_ASSERT_STRING_EQUAL(heard.events[heard.count - 1].type, "response.completed");
    finish();
}

static void an_answer_without_end_is_stopped(void)
{
    begin();
    bool held = true;
    size_t count = 0;
    for (; held && count < 10000; count++) {
        held = frame(count % 2 ? DELTA("\"content\":\"a\"") : DELTA("\"reasoning\":\"b\""));
        out.length = 0;
    }
    CU_ASSERT_FALSE(held);
    CU_ASSERT_EQUAL(count, ANSWER_ITEMS_MAX + 1);
    CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_RESPONSE);
    finish();
}

static const struct unit_test tests[] = {
    {"text is said in the recorded order", text_is_said_in_the_recorded_order},
    {"an event is whole as soon as its chunk is", an_event_is_whole_as_soon_as_its_chunk_is},
    {"refusal and reasoning have events of their own", refusal_and_reasoning_have_events_of_their_own},
    {"calls may come in turns", calls_may_come_in_turns},
    {"calls of one index are told by their ids", calls_of_one_index_are_told_by_their_ids},
    {"tags part thought from text", tags_part_thought_from_text},
    {"a tag without end is told at the end", a_tag_without_end_is_told_at_the_end},
    {"an early end is incomplete", an_early_end_is_incomplete},
    {"silence is an empty message", silence_is_an_empty_message},
    {"a surrogate pair cut in two is whole again", a_surrogate_pair_cut_in_two_is_whole_again},
    {"a failure is said twice and ends the stream", a_failure_is_said_twice_and_ends_the_stream},
    {"a failure before all else begins as it has to", a_failure_before_all_else_begins_as_it_has_to},
    {"a failure goes on from the provider's own events", a_failure_goes_on_from_the_providers_own_events},
    {"where room is short a failure repeats less", where_room_is_short_a_failure_repeats_less},
    {"what does not fit is taken back", what_does_not_fit_is_taken_back},
    {"an end without room can be said again", an_end_without_room_can_be_said_again},
    {"an answer without end is stopped", an_answer_without_end_is_stopped},
};

UNIT_MAIN("responses_stream", tests)
