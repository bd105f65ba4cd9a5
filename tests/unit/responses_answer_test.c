/* A chat completion is converted to an equivalent response. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/responses/responses_context.h"
#include "responses_kit.h"
#include "unit.h"
#include "usage/token_usage.h"

static struct arena *arena;
static struct failure why;
static struct responses_context ask;
static struct token_usage usage;

static struct json_value parse(const char *text)
{
    struct json_value whole = {text, strlen(text)}, root = {0};
    struct json_fault fault;
    CU_ASSERT_TRUE_FATAL(json_check(whole, JSON_DEPTH_MAX, JSON_UTF8_ANY, &root, &fault));
    return root;
}

/* The checked response for a chat completion; absent if the completion was refused. */
static struct json_value convert(const char *answer, size_t room)
{
    struct json_value root = {0};
    struct buffer response;
    buffer_init(&response, room);
    why.reason = FAILURE_NONE;
    if (responses_from_chat(arena, &ask, parse(answer), &usage, &response, &why))
        root = parse(arena_copy(arena, response.bytes, response.length));
    buffer_free(&response);
    return root;
}

static void begin(void)
{
    arena = arena_create();
    ask = (struct responses_context){0};
    usage = token_usage_unknown();
}

static void expect_member(const char *answer, const char *name, const char *wanted)
{
    const char *got = masked(arena, json_get(convert(answer, RESPONSES_ANSWER_MAX), name));
    if (strcmp(got, wanted) != 0)
        printf("\n  wanted %s\n  got    %s\n", wanted, got);
    CU_ASSERT_STRING_EQUAL(got, wanted);
}

#define MESSAGE(members, reason)                                                                             \
    "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\"," members                                \
    "},\"finish_reason\":\"" reason "\"}]}"
#define TEXT_ITEM(status, text)                                                                              \
    "{\"id\":\"msg_#\",\"status\":\"" status "\",\"type\":\"message\",\"role\":\"assistant\",\"content\":["  \
    "{\"type\":\"output_text\",\"text\":\"" text "\",\"annotations\":[]}]}"

static void an_answer_is_a_complete_response(void)
{
    begin();
    ask.model = parse("\"asked\"");
    ask.echo[ECHO_TOOLS] = parse("[{\"type\":\"function\",\"name\":\"f\"}]");
    ask.echo[ECHO_TEMPERATURE] = parse("0.50");
    ask.echo[ECHO_SERVICE_TIER] = parse("\"auto\"");
    usage = (struct token_usage){.source = USAGE_PROVIDER,
                                 .prompt = 11,
                                 .completion = 5,
                                 .total = 19,
                                 .cached = 7,
                                 .reasoning = TOKENS_UNKNOWN};
    struct json_value response = convert("{\"id\":\"chatcmpl-1\",\"model\":\"answered\",\"service_tier\":"
                                         "\"flex\",\"choices\":[{\"index\":0,\"message\":"
                                         "{\"content\":\"hi\"},\"finish_reason\":\"stop\"}]}",
                                         RESPONSES_ANSWER_MAX);
    CU_ASSERT_STRING_EQUAL(
        masked(arena, response),
        "{\"id\":\"resp_#\",\"object\":\"response\",\"created_at\":#,\"status\":\"completed\",\"background\":"
        "false,"
        "\"completed_at\":#,\"error\":null,\"incomplete_details\":null,\"model\":\"answered\",\"output\":"
        "[" TEXT_ITEM("completed",
                      "hi") "],\"instructions\":null,\"max_output_tokens\":null,\"max_tool_calls\":null,"
                            "\"metadata\":{},\"parallel_tool_calls\":true,\"prompt_cache_key\":null,"
                            "\"reasoning\":{\"effort\":null,"
                            "\"summary\":null},\"safety_identifier\":null,\"service_tier\":\"flex\","
                            "\"temperature\":0.50,\"text\":"
                            "{\"format\":{\"type\":\"text\"}},\"tool_choice\":\"auto\",\"tools\":[{\"type\":"
                            "\"function\",\"name\":\"f\"}],"
                            "\"top_logprobs\":null,\"top_p\":null,\"truncation\":\"disabled\",\"user\":null,"
                            "\"previous_response_id\":null,"
                            "\"prompt\":null,\"store\":false,\"usage\":{\"input_tokens\":11,\"input_tokens_"
                            "details\":{\"cached_tokens\":7},"
                            "\"output_tokens\":5,"
                            "\"total_tokens\":19}}");
    arena_destroy(arena);
}

static void each_part_of_an_answer_is_an_item(void)
{
    begin();
    expect_member(MESSAGE("\"content\":\"\"", "stop"), "output", "[" TEXT_ITEM("completed", "") "]");
    expect_member(
        MESSAGE("\"content\":null,\"refusal\":\"no\"", "stop"), "output",
        "[{\"id\":\"msg_#\",\"status\":\"completed\",\"type\":\"message\",\"role\":\"assistant\",\"content\":"
        "[{\"type\":\"refusal\",\"refusal\":\"no\"}]}]");
    expect_member(MESSAGE("\"content\":\"so\",\"reasoning_content\":\"why\",\"reasoning\":\"why\"", "stop"),
                  "output",
                  "[{\"id\":\"rs_#\",\"status\":\"completed\",\"type\":\"reasoning\",\"summary\":[{\"type\":"
                  "\"summary_text\",\"text\":\"why\"}]}," TEXT_ITEM("completed", "so") "]");
    expect_member(
        MESSAGE("\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"why\"}]},"
                "{\"type\":\"text\",\"text\":\"so\"}]",
                "stop"),
        "output",
        "[{\"id\":\"rs_#\",\"status\":\"completed\",\"type\":\"reasoning\",\"summary\":[{\"type\":"
        "\"summary_text\",\"text\":\"why\"}]}," TEXT_ITEM("completed", "so") "]");
    expect_member(MESSAGE("\"content\":\"<think>a</think>b\"", "stop"), "output",
                  "[" TEXT_ITEM("completed", "<think>a</think>b") "]");
    arena_destroy(arena);
}

#define CALL_ITEM(id, name, arguments)                                                                       \
    "{\"id\":\"fc_#\",\"status\":\"completed\",\"type\":\"function_call\",\"call_id\":\"" id                 \
    "\",\"name\":\"" name "\",\"arguments\":\"" arguments "\"}"

static void calls_are_items(void)
{
    begin();
    expect_member(
        MESSAGE(
            "\"content\":\"so\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":"
            "\"f\",\"arguments\":\"{\\\"x\\\":1}\"}},{\"id\":\"b\",\"function\":{\"name\":\"g\","
            "\"arguments\":\"\"}},{\"id\":\"c\",\"function\":{\"name\":\"h\",\"arguments\":{\"y\":\"z\"}}}]",
            "tool_calls"),
        "output",
        "[" TEXT_ITEM("completed", "so") "," CALL_ITEM("a", "f", "{\\\"x\\\":1}") "," CALL_ITEM(
            "b", "g", "{}") "," CALL_ITEM("c", "h", "{\\\"y\\\":\\\"z\\\"}") "]");
    expect_member(
        MESSAGE("\"content\":null,\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]",
                "tool_calls"),
        "output", "[" CALL_ITEM("fc_#", "f", "{}") "]");
    expect_member(MESSAGE("\"content\":\"hi\",\"tool_calls\":[]", "stop"), "output",
                  "[" TEXT_ITEM("completed", "hi") "]");
    arena_destroy(arena);
}

static void an_answer_that_was_cut_is_incomplete(void)
{
    begin();
    static const char cut[] = MESSAGE("\"content\":\"ha\"", "length");
    expect_member(cut, "status", "\"incomplete\"");
    expect_member(cut, "incomplete_details", "{\"reason\":\"max_output_tokens\"}");
    expect_member(cut, "output", "[" TEXT_ITEM("incomplete", "ha") "]");
    expect_member(cut, "completed_at", "null");
    expect_member(
        MESSAGE("\"tool_calls\":[{\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},"
                "{\"id\":\"b\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]",
                "length"),
        "output",
        "[" CALL_ITEM("a", "f",
                      "{}") ",{\"id\":\"fc_#\",\"status\":\"incomplete\",\"type\":"
                            "\"function_call\",\"call_id\":\"b\",\"name\":\"g\",\"arguments\":\"\"}]");
    static const char filtered[] = MESSAGE("\"content\":\"\"", "content_filter");
    expect_member(filtered, "incomplete_details", "{\"reason\":\"content_filter\"}");
    expect_member(MESSAGE("\"content\":\"\"", "tool_calls"), "status", "\"completed\"");
    arena_destroy(arena);
}

static void missing_usage_is_null(void)
{
    begin();
    expect_member(MESSAGE("\"content\":\"x\"", "stop"), "usage", "null");
    usage.source = USAGE_PROVIDER;
    usage.prompt = 1;
    expect_member(MESSAGE("\"content\":\"x\"", "stop"), "usage", "null"); /* no count may be null */
    usage.completion = 2;
    expect_member(MESSAGE("\"content\":\"x\"", "stop"), "usage",
                  "{\"input_tokens\":1,\"output_tokens\":2,\"total_tokens\":3}");
    arena_destroy(arena);
}

static void only_the_first_choice_is_the_answer(void)
{
    begin();
    expect_member("{\"choices\":[{\"index\":1,\"message\":{\"content\":\"b\"},\"finish_reason\":\"length\"},"
                  "{\"index\":0,\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}",
                  "output", "[" TEXT_ITEM("completed", "a") "]");
    arena_destroy(arena);
}

static void logprobs_stay_with_their_text(void)
{
    begin();
    expect_member(
        "{\"choices\":[{\"message\":{\"content\":\"a\"},\"logprobs\":{\"content\":[{\"token\":\"a\","
        "\"logprob\":-1}]}"
        ",\"finish_reason\":\"stop\"}]}",
        "output",
        "[{\"id\":\"msg_#\",\"status\":\"completed\",\"type\":\"message\",\"role\":\"assistant\",\"content\":"
        "[{\"type\":\"output_text\",\"text\":\"a\",\"annotations\":[],\"logprobs\":[{\"token\":\"a\","
        "\"logprob\":"
        "-1}]}]}]");
    arena_destroy(arena);
}

static void a_huge_echo_of_the_request_is_left_out(void)
{
    begin();
    size_t length = 1024 * 1024;
    char *huge = arena_alloc(arena, length + 3);
    memset(huge, 'x', length + 2);
    huge[0] = huge[length + 1] = '"';
    ask.echo[ECHO_INSTRUCTIONS] = (struct json_value){huge, length + 2};
    expect_member(MESSAGE("\"content\":\"x\"", "stop"), "instructions", "null");
    ask.echo[ECHO_INSTRUCTIONS].length = 0;
    ask.echo[ECHO_INSTRUCTIONS] = parse("\"short\"");
    expect_member(MESSAGE("\"content\":\"x\"", "stop"), "instructions", "\"short\"");
    arena_destroy(arena);
}

static void an_answer_over_the_limit_is_refused(void)
{
    begin();
    struct buffer answer;
    buffer_init(&answer, 16 * 1024 * 1024);
    CU_ASSERT_TRUE(buffer_format(&answer, "{\"choices\":[{\"message\":{\"content\":\""));
    for (size_t i = 0; i < 5; i++) {
        char *room = buffer_room(&answer, 1024 * 1024);
        memset(room, 'a', 1024 * 1024);
        buffer_fill(&answer, 1024 * 1024);
    }
    CU_ASSERT_TRUE(buffer_format(&answer, "\"}}]}"));
    CU_ASSERT_PTR_NULL(convert(arena_copy(arena, answer.bytes, answer.length), RESPONSES_ANSWER_MAX).at);
    CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_RESPONSE);
    buffer_free(&answer);
    for (size_t room = 0; room < 900; room += 100) {
        CU_ASSERT_PTR_NULL(convert(MESSAGE("\"content\":\"x\"", "stop"), room).at);
        CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_RESPONSE);
    }
    arena_destroy(arena);
}

static const struct unit_test tests[] = {
    {"an answer is a complete response", an_answer_is_a_complete_response},
    {"each part of an answer is an item", each_part_of_an_answer_is_an_item},
    {"calls are items", calls_are_items},
    {"an answer that was cut is incomplete", an_answer_that_was_cut_is_incomplete},
    {"missing usage is null", missing_usage_is_null},
    {"only the first choice is the answer", only_the_first_choice_is_the_answer},
    {"logprobs stay with their text", logprobs_stay_with_their_text},
    {"a huge echo of the request is left out", a_huge_echo_of_the_request_is_left_out},
    {"an answer over the limit is refused", an_answer_over_the_limit_is_refused},
};

UNIT_MAIN("responses_answer", tests)
