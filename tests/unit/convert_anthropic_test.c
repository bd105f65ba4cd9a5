/* Clients of OpenAI's APIs at a provider that speaks the Messages API. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "conversion_kit.h"
#include "unit.h"

#define USER "{\"role\":\"user\",\"content\":\"hi\"}"
#define USER_BLOCK "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}"

static void expect_messages(const char *messages, const char *wanted)
{
    char request[8192], anthropic[8192];
    snprintf(request, sizeof request, "{\"max_tokens\":9,\"messages\":[%s]}", messages);
    snprintf(anthropic, sizeof anthropic, "{\"max_tokens\":9,\"messages\":[%s]}", wanted);
    expect_request(API_CHAT, API_MESSAGES, request, anthropic);
}

static void expect_with(const char *members, const char *wanted)
{
    char request[8192], anthropic[8192];
    snprintf(request, sizeof request, "{%s,\"messages\":[" USER "]}", members);
    snprintf(anthropic, sizeof anthropic, "{%s,\"messages\":[" USER_BLOCK "]}", wanted);
    expect_request(API_CHAT, API_MESSAGES, request, anthropic);
}

static void expect_refused(const char *members, const char *param)
{
    char request[8192];
    snprintf(request, sizeof request, "{%s}", members);
    expect_request_refused(API_CHAT, API_MESSAGES, request, param);
}

#define CALL(id)                                                                                             \
    "{\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"ls\",\"arguments\":\"{}\"}}"
#define CALLS(calls) "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[" calls "]}"
#define TOOL(id) "{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":\"r\"}"
#define USE(id) "{\"type\":\"tool_use\",\"id\":\"" id "\",\"name\":\"ls\",\"input\":{}}"
#define RESULT(id) "{\"type\":\"tool_result\",\"tool_use_id\":\"" id "\",\"content\":\"r\"}"

static void results_are_one_message(void)
{
    expect_messages(
        USER "," CALLS(CALL("c1") "," CALL("c2")) "," TOOL("c1") "," USER "," TOOL("c2"),
        USER_BLOCK ",{\"role\":\"assistant\",\"content\":[" USE("c1") "," USE(
            "c2") "]},{\"role\":\"user\",\"content\":[" RESULT("c1") "," RESULT("c2") ",{\"type\":"
                                                                                      "\"text\",\"text\":"
                                                                                      "\"hi\"}]}");
}

static void ids_are_made_valid_and_stay_distinct(void)
{
    struct pair pair = pair_open(API_CHAT, API_MESSAGES);
    const char *got = pair_request(&pair, "{\"messages\":[" USER "," CALLS(CALL("a.b") "," CALL(
                                              "a:b")) "," TOOL("a:b") "," TOOL("a.b") "]}");
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    struct json_value rest = json_elements(json_get(parsed(got), "messages")), message, block;
    const char *ids[4] = {0};
    size_t count = 0;
    while (json_next_element(&rest, &message)) {
        struct json_value blocks = json_elements(json_get(message, "content"));
        while (json_next_element(&blocks, &block)) {
            struct json_value id = json_get(block, "id"), of = json_get(block, "tool_use_id");
            if (id.at || of.at)
                ids[count++] = json_string(pair.arena, id.at ? id : of, NULL);
        }
    }
    CU_ASSERT_EQUAL_FATAL(count, 4);
    CU_ASSERT_STRING_NOT_EQUAL(ids[0], ids[1]);
    CU_ASSERT_STRING_EQUAL(ids[0], ids[3]);
    CU_ASSERT_STRING_EQUAL(ids[1], ids[2]);
    CU_ASSERT_EQUAL(strcspn(ids[0], ".:"), strlen(ids[0]));
    pair_close(&pair);
}

static void pictures_have_types_that_the_api_takes(void)
{
    expect_messages(
        "{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
        "\"data:image/jpg;charset=x;base64,AAAA\",\"detail\":\"low\"}},{\"type\":\"image_url\","
        "\"image_url\":{\"url\":\"https://h/p.png\"}}]}",
        "{\"role\":\"user\",\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\","
        "\"media_type\":\"image/jpeg\",\"data\":\"AAAA\"}},{\"type\":\"image\",\"source\":{\"type\":"
        "\"url\",\"url\":\"https://h/p.png\"}}]}");
    expect_messages(
        USER "," CALLS(
            CALL("c1")) ",{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":[{\"type\":\"image_url\","
                        "\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}}]}",
        USER_BLOCK ",{\"role\":\"assistant\",\"content\":[" USE(
            "c1") "]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"c1\","
                  "\"content\":"
                  "[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/"
                  "png\",\"data\":"
                  "\"AAAA\"}}]}]}");
    expect_messages("{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\","
                    "\"file_data\":\"data:application/pdf;base64,JVBE\"}}]}",
                    "{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"source\":{\"type\":\"base64\","
                    "\"media_type\":\"application/pdf\",\"data\":\"JVBE\"},\"title\":\"a.pdf\"}]}");
    expect_refused(
        "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
        "\"data:image/bmp;base64,AAAA\"}}]}]",
        "messages[0]");
    expect_refused("\"messages\":[" USER ",{\"role\":\"user\",\"content\":[{\"type\":\"input_audio\","
                   "\"input_audio\":{\"data\":\"AAAA\",\"format\":\"wav\"}}]}]",
                   "messages[1]");
}

static void guidance_is_the_system_prompt(void)
{
    expect_request(
        API_CHAT, API_MESSAGES,
        "{\"max_tokens\":9,\"messages\":[{\"role\":\"system\",\"content\":\"a\"},{\"role\":"
        "\"developer\",\"content\":\"b\"}," USER ",{\"role\":\"assistant\",\"content\":\"so\"},{\"role\":"
        "\"developer\",\"content\":\"later\"}," USER "]}",
        "{\"max_tokens\":9,\"system\":\"a\\n\\nb\",\"messages\":[" USER_BLOCK
        ",{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"so\"}]},{\"role\":\"user\","
        "\"content\":[{\"type\":\"text\",\"text\":\"<system>\\nlater\\n</system>\"},{\"type\":\"text\","
        "\"text\":\"hi\"}]}]}");
    expect_request(
        API_CHAT, API_MESSAGES,
        "{\"max_tokens\":9,\"messages\":[{\"role\":\"system\",\"content\":[{\"type\":\"text\",\"text\":"
        "\"a\",\"cache_control\":{\"type\":\"ephemeral\"}}]},{\"role\":\"user\",\"content\":[{\"type\":"
        "\"text\",\"text\":\"hi\",\"cache_control\":{\"type\":\"ephemeral\"}}]}]}",
        "{\"max_tokens\":9,\"system\":[{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{\"type\":"
        "\"ephemeral\"}}],\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
        "\"hi\",\"cache_control\":{\"type\":\"ephemeral\"}}]}]}");
}

static void empty_texts_are_left_out(void)
{
    expect_messages(USER ",{\"role\":\"assistant\",\"content\":\"\"}," USER,
                    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]},"
                    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}");
    expect_refused("\"messages\":[{\"role\":\"user\",\"content\":\" \\n\"}]", "messages[0]");
    expect_refused("\"messages\":[{\"role\":\"user\",\"content\":\"\"}]", "messages[0]");
}

#define CONTINUE "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Continue.\"}]}"
#define SYSTEM(text) "{\"role\":\"system\",\"content\":\"" text "\"}"
#define ASSISTANT(text) "{\"role\":\"assistant\",\"content\":\"" text "\"}"
#define ASSISTANT_BLOCK(text)                                                                                \
    "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]}"

static void the_user_begins(void)
{
    expect_messages(ASSISTANT("hello") "," USER, CONTINUE "," ASSISTANT_BLOCK("hello") "," USER_BLOCK);
    expect_request(API_CHAT, API_MESSAGES, "{\"max_tokens\":9,\"messages\":[" SYSTEM("s") "]}",
                   "{\"max_tokens\":9,\"system\":\"s\",\"messages\":[" CONTINUE "]}");
    expect_request(API_CHAT, API_MESSAGES, "{\"max_tokens\":9,\"messages\":[" SYSTEM(" ") "," USER "]}",
                   "{\"max_tokens\":9,\"messages\":[" USER_BLOCK "]}");
}

/* "\\\\n" is a backslash and an n. */
static void an_answer_that_was_begun_does_not_end_in_blanks(void)
{
    expect_messages(USER "," ASSISTANT("so \\n\\t "), USER_BLOCK "," ASSISTANT_BLOCK("so"));
    expect_messages(USER "," ASSISTANT("so\\\\n "), USER_BLOCK "," ASSISTANT_BLOCK("so\\\\n"));
    expect_messages(USER "," ASSISTANT("so ") "," USER, USER_BLOCK "," ASSISTANT_BLOCK("so ") "," USER_BLOCK);
}

#define FUNCTION "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"ls\"}}]"
#define TOOL_BLOCK "\"tools\":[{\"name\":\"ls\",\"input_schema\":{\"type\":\"object\",\"properties\":{}}}]"

static void tools_and_the_choice(void)
{
    expect_with(FUNCTION ",\"parallel_tool_calls\":false",
                "\"max_tokens\":8192," TOOL_BLOCK
                ",\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":"
                "true}");
    expect_with(FUNCTION ",\"tool_choice\":\"required\"",
                "\"max_tokens\":8192," TOOL_BLOCK ",\"tool_choice\":{\"type\":\"any\"}");
    expect_with(FUNCTION ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"ls\"}}",
                "\"max_tokens\":8192," TOOL_BLOCK ",\"tool_choice\":{\"type\":\"tool\",\"name\":\"ls\"}");
    expect_with("\"tools\":[],\"tool_choice\":\"auto\",\"parallel_tool_calls\":false", "\"max_tokens\":8192");
    expect_refused(FUNCTION ",\"messages\":[" USER
                            "," CALLS("{\"id\":\"c\",\"function\":{\"name\":\"ls\",\"arguments\":"
                                      "\"[]\"}}") "]",
                   "messages[1]");
}

static void thinking_fits_model_limit_and_history(void)
{
    expect_with("\"max_tokens\":2000,\"reasoning_effort\":\"high\",\"temperature\":1",
                "\"max_tokens\":2000,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}");
    expect_with("\"max_tokens\":1024,\"reasoning_effort\":\"high\"", "\"max_tokens\":1024");
    expect_with("\"max_tokens\":20000,\"reasoning_effort\":\"none\",\"temperature\":0.5",
                "\"max_tokens\":20000,\"thinking\":{\"type\":\"disabled\"},\"temperature\":0.5");
    expect_with("\"max_tokens\":20000,\"reasoning_effort\":\"low\"," FUNCTION ",\"tool_choice\":\"required\"",
                "\"max_tokens\":20000," TOOL_BLOCK ",\"tool_choice\":{\"type\":\"any\"}");
    expect_request(API_CHAT, API_MESSAGES,
                   "{\"max_tokens\":9000,\"reasoning_effort\":\"high\",\"messages\":[" USER
                   "," CALLS(CALL("c1")) "," TOOL("c1") "]}",
                   "{\"max_tokens\":9000,\"messages\":[" USER_BLOCK
                   ",{\"role\":\"assistant\",\"content\":[" USE(
                       "c1") "]},{\"role\":\"user\",\"content\":[" RESULT("c1") "]}]}");
    struct pair pair = pair_open(API_CHAT, API_MESSAGES);
    pair.facts.model = "claude-opus-4-8";
    CU_ASSERT_STRING_EQUAL(
        pair_request(&pair, "{\"max_tokens\":9,\"reasoning_effort\":\"xhigh\",\"temperature\":1,\"top_p\":1,"
                            "\"messages\":[" USER "]}"),
        "{\"max_tokens\":9,\"thinking\":{\"type\":\"adaptive\"},\"output_config\":{\"effort\":\"xhigh\"},"
        "\"messages\":[" USER_BLOCK "]}");
    pair_close(&pair);
}

static void members_find_their_places(void)
{
    expect_with("\"model\":\"m\",\"max_completion_tokens\":5,\"temperature\":1,\"top_p\":1,\"stop\":\"x\","
                "\"user\":\"u\","
                "\"seed\":7,\"store\":true,\"metadata\":{},\"presence_penalty\":0,\"logit_bias\":{},\"n\":1,"
                "\"service_tier\":"
                "\"auto\"",
                "\"model\":\"m\",\"max_tokens\":5,\"temperature\":1,\"stop_sequences\":[\"x\"],\"metadata\":{"
                "\"user_id\":"
                "\"u\"}");
    expect_with("\"response_format\":{\"type\":\"json_object\"}",
                "\"max_tokens\":8192,\"system\":\"Answer with a single JSON object and nothing else: no text "
                "around it, no "
                "code fence.\"");
    expect_with("\"max_tokens\":9,\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":"
                "\"o\",\"schema\":"
                "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":1},\"t\":{"
                "\"type\":\"array\","
                "\"items\":{\"type\":\"string\"},\"minItems\":3}}}}}",
                "\"max_tokens\":9,\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":{"
                "\"type\":\"object\","
                "\"properties\":{\"n\":{\"type\":\"integer\",\"description\":\"(minimum "
                "1)\"},\"t\":{\"type\":\"array\","
                "\"items\":{\"type\":\"string\"},\"description\":\"(minItems "
                "3)\"}},\"additionalProperties\":false}}}");
    expect_refused("\"messages\":[],\"n\":2", "n");
    expect_refused("\"messages\":[],\"logprobs\":true", "logprobs");
    expect_refused("\"messages\":[],\"temperature\":1.5", "temperature");
    expect_refused("\"messages\":[],\"presence_penalty\":0.5", "presence_penalty");
    expect_refused("\"messages\":[],\"logit_bias\":{\"1\":1}", "logit_bias");
    expect_refused("\"messages\":[],\"modalities\":[\"text\",\"audio\"]", "modalities");
    expect_refused("\"messages\":[],\"service_tier\":\"flex\"", "service_tier");
}

/* ---- answers ---- */

static const char *const thinking_and_call[] = {
    "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"claude\",\"content\":[]}}",
    "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":"
    "\"\"}}",
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":"
    "\"hm\"}}",
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":"
    "\"EqQB\"}}",
    "{\"type\":\"content_block_stop\",\"index\":0}",
    "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"redacted_thinking\","
    "\"data\":\"Eo8\"}}",
    "{\"type\":\"content_block_stop\",\"index\":1}",
    "{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"server_tool_use\",\"id\":"
    "\"s\",\"name\":"
    "\"web_search\",\"input\":{}}}",
    "{\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":"
    "\"{}\"}}",
    "{\"type\":\"content_block_stop\",\"index\":2}",
    "{\"type\":\"content_block_start\",\"index\":3,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t1\","
    "\"name\":\"ls\","
    "\"input\":{}}}",
    "{\"type\":\"content_block_delta\",\"index\":3,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":"
    "\"\"}}",
    "{\"type\":\"content_block_stop\",\"index\":3}",
    "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":7}}",
    "{\"type\":\"message_stop\"}",
    NULL};

#define CHUNK(delta, finish)                                                                                 \
    "{\"id\":\"chatcmpl-#\",\"object\":\"chat.completion.chunk\",\"created\":#,\"model\":\"claude\","        \
    "\"choices\":[{"                                                                                         \
    "\"index\":0,\"delta\":{" delta "},\"finish_reason\":" finish "}]}\n"

static void a_stream_is_chunks(void)
{
    struct pair pair = pair_open(API_CHAT, API_MESSAGES);
    const char *got = masked_events(pair.arena, pair_stream(&pair, thinking_and_call));
    static const char wanted[] = CHUNK("\"role\":\"assistant\",\"content\":\"\"", "null")
        CHUNK("\"reasoning_content\":\"hm\"", "null") CHUNK(
            "\"tool_calls\":[{\"index\":0,\"id\":\"t1\",\"type\":\"function\",\"function\":{\"name\":\"ls\","
            "\"arguments\":\"\"}}]",
            "null") CHUNK("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]", "null")
            CHUNK("", "\"tool_calls\"") "[DONE]\n";
    if (strcmp(got, wanted) != 0)
        printf("\n  wanted %s\n  got    %s\n", wanted, got);
    CU_ASSERT_STRING_EQUAL(got, wanted);
    pair_close(&pair);
}

/* What Claude has signed goes through Codex and back to where it stood. */
static void signatures_come_back(void)
{
    struct pair pair = pair_open(API_RESPONSES, API_MESSAGES);
    const char *stream = pair_stream(&pair, thinking_and_call);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    const char *last = strstr(stream, "data: {\"type\":\"response.completed\"");
    CU_ASSERT_PTR_NOT_NULL_FATAL(last);
    struct json_value output = json_get(
        json_get(parsed(arena_copy(pair.arena, last + 6, strcspn(last + 6, "\n"))), "response"), "output");
    const char *request = arena_format(
        pair.arena,
        "{\"max_output_tokens\":9,\"input\":[{\"role\":\"user\",\"content\":\"hi\"},%.*s,{\"type\":"
        "\"function_call_output\",\"call_id\":\"t1\",\"output\":\"r\"}]}",
        (int)output.length - 2, output.at + 1);
    const char *got = pair_request(&pair, request);
    CU_ASSERT_STRING_EQUAL(
        got ? got : pair.why.message,
        "{\"max_tokens\":9,\"messages\":[" USER_BLOCK
        ",{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":"
        "\"EqQB\"},{\"type\":\"redacted_thinking\",\"data\":\"Eo8\"}," USE("t1") "]},{\"role\":\"user\","
                                                                                 "\"content\":[" RESULT(
                                                                                     "t1") "]}]}");
    CU_ASSERT_PTR_NULL(strstr(
        pair_request(&pair, "{\"input\":[{\"role\":\"user\",\"content\":\"x\"},{\"type\":\"reasoning\","
                            "\"summary\":[{\"type\":\"summary_text\",\"text\":\"t\"}],"
                            "\"encrypted_content\":\"gAAA\"},{\"role\":\"assistant\",\"content\":"
                            "\"so\"}]}"),
        "thinking"));
    pair_close(&pair);
}

static void expect_in_body(enum api client, const char *message, const char *wanted)
{
    struct pair pair = pair_open(client, API_MESSAGES);
    const char *got = pair_body(&pair, message);
    if (!got || !strstr(got, wanted))
        printf("\n  wanted %s\n  within %s\n", wanted, got ? got : pair.why.message);
    CU_ASSERT_TRUE(got && strstr(got, wanted));
    pair_close(&pair);
}

static void a_whole_answer_says_the_same(void)
{
    static const char refusal[] =
        "{\"model\":\"c\",\"content\":[],\"stop_reason\":\"refusal\",\"stop_details\":{\"category\":"
        "\"x\",\"explanation\":\"y\"}}";
    static const char call[] =
        "{\"model\":\"c\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"tool_use\",\"id\":"
        "\"t\",\"name\":\"ls\",\"input\":{\"a\":\"\\\"\"}}],\"stop_reason\":\"tool_use\"}";
    expect_in_body(
        API_CHAT, refusal,
        "\"message\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":\"y\"},\"logprobs\":null,"
        "\"finish_reason\":\"content_filter\"");
    expect_in_body(API_RESPONSES, refusal, "\"content\":[{\"type\":\"refusal\",\"refusal\":\"y\"}]");
    expect_in_body(API_CHAT, call,
                   "\"content\":\"a\",\"refusal\":null,\"tool_calls\":[{\"id\":\"t\",\"type\":\"function\","
                   "\"function\":{"
                   "\"name\":\"ls\",\"arguments\":\"{\\\"a\\\":\\\"\\\\\\\"\\\"}\"}}]},\"logprobs\":null,"
                   "\"finish_reason\":"
                   "\"tool_calls\"");
    expect_in_body(API_RESPONSES, refusal, "\"status\":\"incomplete\"");
    expect_in_body(API_CHAT,
                   "{\"content\":[{\"type\":\"text\",\"text\":\"a\"}],\"stop_reason\":\"max_tokens\"}",
                   "\"finish_reason\":\"length\"");
    expect_in_body(API_CHAT,
                   "{\"content\":[{\"type\":\"text\",\"text\":\"a\"}],\"stop_reason\":\"stop_sequence\"}",
                   "\"finish_reason\":\"stop\"");
}

static const struct unit_test tests[] = {
    {"results are one message", results_are_one_message},
    {"ids are made valid and stay distinct", ids_are_made_valid_and_stay_distinct},
    {"pictures have types that the API takes", pictures_have_types_that_the_api_takes},
    {"guidance is the system prompt", guidance_is_the_system_prompt},
    {"empty texts are left out", empty_texts_are_left_out},
    {"the user begins", the_user_begins},
    {"an answer that was begun does not end in blanks", an_answer_that_was_begun_does_not_end_in_blanks},
    {"tools and the choice", tools_and_the_choice},
    {"thinking fits model, limit and history", thinking_fits_model_limit_and_history},
    {"members find their places", members_find_their_places},
    {"a stream is chunks", a_stream_is_chunks},
    {"signatures come back", signatures_come_back},
    {"a whole answer says the same", a_whole_answer_says_the_same},
};

UNIT_MAIN("convert_anthropic", tests)
