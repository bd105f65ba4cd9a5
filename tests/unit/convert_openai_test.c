/* Clients of chat completions and of the Messages API at a provider that is asked by Responses. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "conversion_kit.h"
#include "unit.h"

#define USER "{\"role\":\"user\",\"content\":\"hi\"}"
#define USER_ITEM                                                                                            \
    "{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"hi\"}]}"

static void expect_with(enum api client, const char *members, const char *wanted)
{
    char request[8192], responses[8192];
    snprintf(request, sizeof request, "{%s,\"messages\":[" USER "]}", members);
    snprintf(responses, sizeof responses, "{%s,\"input\":[" USER_ITEM "]}", wanted);
    expect_request(client, API_RESPONSES, request, responses);
}

static void turns_are_items(void)
{
    expect_request(
        API_CHAT, API_RESPONSES,
        "{\"messages\":[{\"role\":\"system\",\"content\":\"a\"},{\"role\":\"system\",\"content\":\"b\"}," USER
        ",{\"role\":\"assistant\",\"content\":\"so\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\","
        "\"function\":{"
        "\"name\":\"f\",\"arguments\":\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"r\"}"
        ",{\"role\":"
        "\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\",\"detail\":\"low\"}},{"
        "\"type\":\"file\","
        "\"file\":{\"filename\":\"a.pdf\",\"file_data\":\"data:application/pdf;base64,JVBE\"}}]}]}",
        "{\"store\":false,\"instructions\":\"a\\n\\nb\",\"input\":[" USER_ITEM
        ",{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{\"type\":\"output_text\",\"text\":"
        "\"so\"}]},{\"type\":"
        "\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{}\"},{\"type\":\"function_call_"
        "output\","
        "\"call_id\":\"c\",\"output\":\"r\"},{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":"
        "\"input_image\","
        "\"image_url\":\"u\",\"detail\":\"low\"},{\"type\":\"input_file\",\"filename\":\"a.pdf\",\"file_"
        "data\":"
        "\"data:application/pdf;base64,JVBE\"}]}]}");
    expect_request(API_MESSAGES, API_RESPONSES,
                   "{\"system\":\"s\",\"messages\":[" USER
                   ",{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"c\","
                   "\"name\":\"f\",\"input\":{\"a\":1}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_"
                   "result\",\"tool_use_id\":"
                   "\"c\",\"content\":[{\"type\":\"text\",\"text\":\"shot\"},{\"type\":\"image\",\"source\":{"
                   "\"type\":\"base64\","
                   "\"media_type\":\"image/png\",\"data\":\"AAAA\"}}]}]}]}",
                   "{\"store\":false,\"instructions\":\"s\",\"input\":[" USER_ITEM
                   ",{\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"{\\\"a\\\":"
                   "1}\"},{\"type\":"
                   "\"function_call_output\",\"call_id\":\"c\",\"output\":[{\"type\":\"input_text\",\"text\":"
                   "\"shot\"},{\"type\":"
                   "\"input_image\",\"image_url\":\"data:image/png;base64,AAAA\",\"detail\":\"auto\"}]}]}");
}

static void members_find_their_places(void)
{
    expect_with(
        API_CHAT,
        "\"model\":\"m\",\"stream\":true,\"max_completion_tokens\":5,\"reasoning_effort\":\"low\","
        "\"verbosity\":\"low\","
        "\"user\":\"u\",\"seed\":1,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_"
        "choice\":{"
        "\"type\":\"function\",\"function\":{\"name\":\"f\"}}",
        "\"model\":\"m\",\"stream\":true,\"max_output_tokens\":5,\"user\":\"u\",\"store\":false,"
        "\"reasoning\":{"
        "\"effort\":\"low\"},\"text\":{\"verbosity\":\"low\"},\"tools\":[{\"type\":\"function\",\"name\":"
        "\"f\","
        "\"parameters\":{\"type\":\"object\",\"properties\":{}},\"strict\":false}],\"tool_choice\":{\"type\":"
        "\"function\",\"name\":\"f\"}");
    expect_with(API_MESSAGES,
                "\"max_tokens\":9,\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":8000},\"metadata\":{"
                "\"user_id\":\"x\"}",
                "\"max_output_tokens\":9,\"store\":false,\"reasoning\":{\"effort\":\"medium\"}");
    expect_with(API_CHAT,
                "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{},"
                "\"strict\":true}}",
                "\"store\":false,\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":{},"
                "\"strict\":true}}");
    expect_request_refused(API_MESSAGES, API_RESPONSES, "{\"messages\":[],\"stop_sequences\":[\"</x>\"]}",
                           "stop_sequences");
    expect_request_refused(API_CHAT, API_RESPONSES, "{\"messages\":[],\"stop\":\"x\"}", "stop");
}

static const char *const call[] = {
    "{\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"model\":\"gpt\",\"output\":[]}}",
    "{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{\"type\":\"reasoning\",\"id\":"
    "\"rs\"}}",
    "{\"type\":\"response.reasoning_summary_text.delta\",\"item_id\":\"rs\",\"delta\":\"hm\"}",
    "{\"type\":\"response.output_item.done\",\"item\":{\"type\":\"reasoning\",\"id\":\"rs\",\"summary\":[{"
    "\"type\":"
    "\"summary_text\",\"text\":\"hm\"}]}}",
    "{\"type\":\"response.output_text.delta\",\"item_id\":\"msg\",\"delta\":\"a\"}",
    "{\"type\":\"response.output_item.done\",\"item\":{\"type\":\"message\",\"content\":[{\"type\":\"output_"
    "text\",\"text\":"
    "\"a\"}]}}",
    "{\"type\":\"response.output_item.added\",\"item\":{\"type\":\"function_call\",\"id\":\"fc_1\",\"call_"
    "id\":\"c1\","
    "\"name\":\"f\",\"arguments\":\"\"}}",
    "{\"type\":\"response.output_item.added\",\"item\":{\"type\":\"function_call\",\"id\":\"fc_2\",\"call_"
    "id\":\"c2\","
    "\"name\":\"g\",\"arguments\":\"\"}}",
    "{\"type\":\"response.function_call_arguments.delta\",\"item_id\":\"fc_1\",\"delta\":\"{}\"}",
    "{\"type\":\"response.output_item.done\",\"item\":{\"type\":\"function_call\",\"id\":\"fc_1\",\"call_"
    "id\":\"c1\","
    "\"name\":\"f\",\"arguments\":\"{}\"}}",
    "{\"type\":\"response.output_item.done\",\"item\":{\"type\":\"function_call\",\"id\":\"fc_2\",\"call_"
    "id\":\"c2\","
    "\"name\":\"g\",\"arguments\":\"{\\\"b\\\":1}\"}}",
    "{\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"output\":[]}}",
    NULL};

static void a_stream_is_read_whatever_it_repeats(void)
{
    struct pair pair = pair_open(API_MESSAGES, API_RESPONSES);
    const char *got = masked_events(pair.arena, pair_stream(&pair, call));
    static const char *const wanted[] = {
        "\"index\":0,\"content_block\":{\"type\":\"thinking\"",
        "\"thinking\":\"hm\"}}",
        "\"index\":1,\"content_block\":{\"type\":\"text\"",
        "\"text\":\"a\"}}",
        "\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":\"c1\",\"name\":\"f\"",
        "\"partial_json\":\"{}\"}}",
        "\"index\":3,\"content_block\":{\"type\":\"tool_use\",\"id\":\"c2\",\"name\":\"g\"",
        "\"partial_json\":\"{\\\"b\\\":1}\"}}",
        "\"stop_reason\":\"tool_use\""};
    const char *at = got;
    for (size_t i = 0; at && i < sizeof wanted / sizeof *wanted; i++)
        at = strstr(at, wanted[i]);
    if (!at)
        printf("\n%s", got);
    CU_ASSERT_PTR_NOT_NULL(at);
    CU_ASSERT_PTR_NULL(strstr(got, "\"index\":4"));
    pair_close(&pair);
}

static void a_whole_answer_says_the_same(void)
{
    struct pair pair = pair_open(API_CHAT, API_RESPONSES);
    const char *got = pair_body(
        &pair, "{\"id\":\"r\",\"model\":\"gpt\",\"status\":\"incomplete\",\"incomplete_details\":{"
               "\"reason\":\"max_output_tokens\"},\"output\":[{\"type\":\"reasoning\",\"summary\":[{"
               "\"type\":\"summary_text\",\"text\":\"hm\"}]},{\"type\":\"message\",\"content\":[{"
               "\"type\":\"output_text\",\"text\":\"a\"}]}]}");
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\"content\":\"a\",\"reasoning_content\":\"hm\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\"finish_reason\":\"length\""));
    pair_close(&pair);
}

static const struct unit_test tests[] = {
    {"turns are items", turns_are_items},
    {"members find their places", members_find_their_places},
    {"a stream is read whatever it repeats", a_stream_is_read_whatever_it_repeats},
    {"a whole answer says the same", a_whole_answer_says_the_same},
};

UNIT_MAIN("convert_openai", tests)
