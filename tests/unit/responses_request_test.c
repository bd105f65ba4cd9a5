/* A Responses request is converted to an equivalent chat request, or refused, naming the unsupported member.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/failure.h"
#include "protocol/conversation_build.h"
#include "protocol/dialect_sides.h"
#include "protocol/provider_facts.h"
#include "protocol/responses/responses_context.h"
#include "unit.h"

#define ROOM 65536

static struct arena *arena;
static struct failure why;
static struct responses_context ask;
static enum reasoning_form form;

/* The chat request, or NULL and `why`. */
static const char *convert(const char *request, size_t room)
{
    struct json_value text = {arena_copy(arena, request, strlen(request)), strlen(request)}, body;
    struct json_fault fault;
    struct buffer chat;
    why = (struct failure){.reason = FAILURE_NONE};
    if (!json_check(text, JSON_DEPTH_MAX, JSON_UTF8_STRICT, &body, &fault))
        return "the test's own request is not JSON";
    buffer_init(&chat, room);
    const char *result = NULL;
    struct provider_facts facts = {.reasoning = form, .strict = true};
    struct conversation conversation;
    conversation_open(&conversation, arena, API_RESPONSES, API_CHAT, body);
    bool read = responses_client.read_request(&conversation, &why);
    conversation_settle(&conversation);
    if (read && chat_provider.write_request(&conversation, &facts, &chat, &why)) {
        result = arena_copy(arena, chat.bytes, chat.length);
        ask = *(const struct responses_context *)conversation.private;
    }
    buffer_free(&chat);
    return result;
}

static void expect(const char *request, const char *chat)
{
    arena = arena_create();
    const char *got = convert(request, ROOM);
    if (!got || strcmp(got, chat) != 0)
        printf("\n  asked  %s\n  wanted %s\n  got    %s\n", request, chat, got ? got : why.message);
    CU_ASSERT_PTR_NOT_NULL(got);
    CU_ASSERT_STRING_EQUAL(got ? got : "", chat);
    arena_destroy(arena);
}

static void expect_refusal(const char *request, const char *param, const char *word)
{
    arena = arena_create();
    const char *got = convert(request, ROOM);
    if (got || strcmp(why.param, param) != 0 || !strstr(why.message, word))
        printf("\n  asked %s\n  got   %s | %s\n", request, got ? got : why.param, why.message);
    CU_ASSERT_PTR_NULL(got);
    CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_REQUEST);
    CU_ASSERT_EQUAL(why.status, 400);
    CU_ASSERT_STRING_EQUAL(why.param, param);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.message, word));
    arena_destroy(arena);
}

#define USER "{\"role\":\"user\",\"content\":\"hi\"}"
#define HI "\"input\":\"hi\""
#define HI_CHAT "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}]"

/* Items and the messages made from them. */
static void expect_messages(const char *items, const char *messages)
{
    char request[4096], chat[4096];
    snprintf(request, sizeof request, "{\"input\":[%s]}", items);
    snprintf(chat, sizeof chat, "{\"messages\":[%s]}", messages);
    expect(request, chat);
}

static void expect_item_refused(const char *item, const char *word)
{
    char request[4096];
    snprintf(request, sizeof request, "{\"input\":[" USER ",%s]}", item);
    expect_refusal(request, "input[1]", word);
}

#define CALL(id)                                                                                             \
    "{\"type\":\"function_call\",\"id\":\"fc_1\",\"call_id\":\"" id "\",\"name\":\"f\",\"arguments\":\"{}"   \
    "\"}"
#define TOOL_CALL(id)                                                                                        \
    "{\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}"
#define CALLS(id) "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" TOOL_CALL(id) "]}"
#define OUTPUT(id) "{\"type\":\"function_call_output\",\"call_id\":\"" id "\",\"output\":\"r\"}"
#define TOOL(id) "{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":\"r\"}"

static void a_text_is_one_users_message(void)
{
    expect("{" HI "}", "{" HI_CHAT "}");
    expect("{\"input\":\"a\\u00e9\\n\\\"\"}", "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
                                              "\"text\",\"text\":\"a\\u00e9\\n\\\"\"}]}]}");
}

static void messages_keep_role_and_text(void)
{
    expect_messages("{\"type\":\"message\",\"role\":\"system\",\"content\":\"s\"},"
                    "{\"role\":\"developer\",\"content\":\"d\"}," USER ","
                    "{\"id\":\"msg_1\",\"status\":\"completed\",\"type\":\"message\",\"role\":\"assistant\","
                    "\"content\":[{\"type\":\"output_text\",\"text\":\"one \",\"annotations\":[]},"
                    "{\"type\":\"refusal\",\"refusal\":\"no\"}]}",
                    "{\"role\":\"system\",\"content\":\"s\\n\\nd\"}," USER
                    ",{\"role\":\"assistant\",\"content\":\"one no\"}");
    expect_messages(CALL("c") ",{\"role\":\"tool\",\"tool_call_id\":\"c\",\"name\":\"f\",\"content\":\"r\"}",
                    CALLS("c") ",{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":\"r\"}");
    expect_messages(
        "{\"role\":\"assistant\",\"content\":null},{\"type\":null,\"role\":\"user\",\"content\":\"x\"}",
        "{\"role\":\"assistant\",\"content\":\"\"},{\"role\":\"user\",\"content\":\"x\"}");
}

static void parts_take_their_chat_form(void)
{
    static const struct {
        const char *part, *chat;
    } cases[] = {
        {"{\"type\":\"input_text\",\"text\":\"t\"}", "{\"type\":\"text\",\"text\":\"t\"}"},
        {"{\"type\":\"input_image\",\"image_url\":\"http://x/i.png\"}",
         "{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://x/i.png\",\"detail\":\"auto\"}}"},
        {"{\"type\":\"input_image\",\"image_url\":\"u\",\"detail\":\"low\",\"file_id\":null}",
         "{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\",\"detail\":\"low\"}}"},
        {"{\"type\":\"input_image\",\"image_url\":{\"url\":\"u\",\"detail\":\"high\"}}",
         "{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\",\"detail\":\"high\"}}"},
        {"{\"type\":\"input_file\",\"filename\":\"a.pdf\",\"file_data\":\"data:x\"}",
         "{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":\"data:x\"}}"},
        {"{\"type\":\"input_file\",\"file_id\":\"file-1\"}",
         "{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}"},
        {"{\"type\":\"input_video\",\"video_url\":\"v\"}",
         "{\"type\":\"video_url\",\"video_url\":{\"url\":\"v\"}}"},
        {"{\"type\":\"input_video\",\"video\":{\"url\":\"v\"}}",
         "{\"type\":\"video_url\",\"video_url\":{\"url\":\"v\"}}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char items[1024], messages[1024];
        snprintf(items, sizeof items, "{\"role\":\"user\",\"content\":[%s]}", cases[i].part);
        snprintf(messages, sizeof messages, "{\"role\":\"user\",\"content\":[%s]}", cases[i].chat);
        expect_messages(items, messages);
    }
}

static void parts_without_a_chat_form_are_refused(void)
{
    static const struct {
        const char *part, *word;
    } cases[] = {
        {"{\"type\":\"input_audio\",\"text\":\"x\"}", "Unsupported part param type: input_audio"},
        {"{\"type\":\"input_image\",\"image_url\":\"\"}", "input_image requires a non-empty image_url"},
        {"{\"type\":\"input_image\",\"file_id\":\"f\"}", "file_id"},
        {"{\"type\":\"input_video\"}", "input_video requires"},
        {"{\"type\":\"input_file\",\"file_url\":\"u\"}", "file_url"},
        {"{\"type\":\"input_file\"}", "file_data"},
        {"{\"type\":\"input_text\"}", "\"text\""},
        {"{}", "part"},
        {"7", "part"},
        {"{\"type\":\"input_image\",\"image_url\":\"a\",\"image_url\":\"b\"}", "given twice"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char item[1024];
        snprintf(item, sizeof item, "{\"role\":\"user\",\"content\":[%s]}", cases[i].part);
        expect_item_refused(item, cases[i].word);
    }
}

static void calls_of_one_turn_are_one_message(void)
{
    expect_messages(USER "," CALL("a") "," CALL("b") "," OUTPUT("a") "," OUTPUT("b") "," CALL("c"), USER
                    ",{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" TOOL_CALL("a") "," TOOL_CALL(
                        "b") "]}," TOOL("a") "," TOOL("b") ",{\"role\":\"assistant\",\"content\":null,"
                                                           "\"tool_calls\":[" TOOL_CALL("c") "]}");
    expect_messages(
        "{\"role\":\"assistant\",\"content\":\"so\",\"tool_calls\":[" TOOL_CALL("x") "]}," CALL("a"),
        "{\"role\":\"assistant\",\"content\":\"so\",\"tool_calls\":[" TOOL_CALL("x") "," TOOL_CALL("a") "]}");
    expect_messages("{\"role\":\"assistant\",\"content\":\"so\",\"tool_calls\":[]}",
                    "{\"role\":\"assistant\",\"content\":\"so\"}");
    expect_messages("{\"type\":\"function_call\",\"call_id\":\"a\",\"name\":\"f\",\"arguments\":\"\"}",
                    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" TOOL_CALL("a") "]}");
}

static void outputs_are_text(void)
{
    expect_messages(
        CALL("a") ",{\"type\":\"function_call_output\",\"call_id\":\"a\",\"output\":"
                  "[{\"type\":\"input_text\",\"text\":\"1\"},{\"type\":\"input_text\",\"text\":\"2\"}]}",
        CALLS("a") ",{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":"
                   "[{\"type\":\"text\",\"text\":\"1\"},{\"type\":\"text\",\"text\":\"2\"}]}");
    expect_messages(CALL("a") ",{\"type\":\"function_call_output\",\"call_id\":\"a\",\"output\":[]}",
                    CALLS("a") ",{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"\"}");
    expect_item_refused("{\"type\":\"function_call_output\",\"output\":\"x\"}", "call_id");
    expect_item_refused("{\"type\":\"function_call_output\",\"call_id\":\"a\"}", "output");
}

static void pictures_of_outputs_follow_the_group(void)
{
    expect_messages(
        CALL("a") "," CALL("b") ",{\"type\":\"function_call_output\",\"call_id\":\"a\",\"output\":"
                                "[{\"type\":\"input_image\",\"image_url\":\"u\"}]}," OUTPUT("b") "," USER,
        "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" TOOL_CALL("a") "," TOOL_CALL(
            "b") "]},{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"(image "
                 "follows)\"}," TOOL("b") ",{\"role\":\"user\",\"content\":[{\"type\":\"image_"
                                          "url\",\"image_url\":{\"url\":\"u\",\"detail\":"
                                          "\"auto\"}},{\"type\":\"text\",\"text\":\"hi\"}]}");
    expect_messages(
        CALL(
            "a") ",{\"type\":\"function_call_output\",\"call_id\":\"a\",\"output\":[{\"type\":\"input_text\","
                 "\"text\":\"1\"},{\"type\":\"input_image\",\"image_url\":\"u\"}]}," CALL("b"),
        CALLS("a") ",{\"role\":\"tool\",\"tool_call_id\":\"a\",\"content\":\"1\"},{\"role\":\"user\","
                   "\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"u\",\"detail\":\"auto\"}}]}"
                   "," CALLS("b"));
}

static void outputs_stand_behind_their_calls(void)
{
    expect_messages(CALL("a") "," USER ",{\"role\":\"developer\",\"content\":\"d\"}," OUTPUT("a"),
                    CALLS("a") "," TOOL("a") "," USER ",{\"role\":\"system\",\"content\":\"d\"}");
    expect_messages(USER "," OUTPUT("gone"), USER
                    ",{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"[Result of an earlier "
                    "tool call]\"},{\"type\":\"text\",\"text\":\"r\"}]}");
}

static void items_of_hosted_tools_are_left_out(void)
{
    static const char *const types[] = {"web_search_call",       "file_search_call",  "code_interpreter_call",
                                        "image_generation_call", "mcp_call",          "mcp_list_tools",
                                        "tool_search_call",      "tool_search_output"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char items[256];
        snprintf(items, sizeof items, USER ",{\"type\":\"%s\",\"id\":\"x\"}", types[i]);
        expect_messages(items, USER);
    }
}

static void references_to_reasoning_alone_are_left_out(void)
{
    expect_messages(USER ",{\"type\":\"item_reference\",\"id\":\"rs_1\"}", USER);
    expect_item_refused("{\"type\":\"item_reference\",\"id\":\"msg_1\"}", "store = false");
    expect_item_refused("{\"type\":\"item_reference\",\"id\":\"rs_\"}", "item_reference");
    expect_item_refused("{\"type\":\"item_reference\"}", "item_reference");
}

static void items_without_a_chat_form_are_refused_by_name(void)
{
    static const char *const types[] = {"computer_call", "item_reference", "compaction"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char item[128], sentence[128];
        snprintf(item, sizeof item, "{\"type\":\"%s\",\"id\":\"x\"}", types[i]);
        snprintf(sentence, sizeof sentence, "'%s' has no Chat Completions representation", types[i]);
        expect_item_refused(item, sentence);
    }
    expect_item_refused("{\"type\":\"compaction_trigger\"}", "compact");
    expect_item_refused("{\"content\":\"x\"}", "\"type\" or a \"role\"");
    expect_item_refused("{\"role\":\"narrator\",\"content\":\"x\"}", "narrator");
    expect_item_refused("{\"role\":\"user\",\"role\":\"system\",\"content\":\"x\"}", "given twice");
    expect_item_refused("{\"role\":\"user\"}", "content");
    expect_item_refused("{\"role\":\"assistant\",\"content\":5}", "content");
    expect_item_refused("\"hi\"", "object");
    expect_item_refused("{\"type\":\"function_call\",\"call_id\":\"a\",\"arguments\":\"{}\"}", "name");
    expect_item_refused("{\"type\":\"function_call\",\"call_id\":\"a\",\"name\":\"f\",\"arguments\":{}}",
                        "arguments");
    expect_item_refused("{\"type\":\"custom_tool_call\",\"call_id\":\"a\",\"name\":\"f\"}", "input");
}

#define THOUGHT                                                                                              \
    "{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"why\"}],"    \
    "\"encrypted_content\":\"zz\"}"

static void reasoning_goes_where_the_provider_has_it(void)
{
    static const char items[] = USER "," THOUGHT ",{\"role\":\"assistant\",\"content\":\"so\"}";
    form = REASONING_LEFT_OUT;
    expect_messages(items, USER ",{\"role\":\"assistant\",\"content\":\"so\"}");
    form = REASONING_MEMBER;
    expect_messages(items, USER ",{\"role\":\"assistant\",\"content\":\"so\",\"reasoning_content\":\"why\"}");
    expect_messages(THOUGHT "," CALL("a"),
                    "{\"role\":\"assistant\",\"content\":null,\"reasoning_content\":\"why\","
                    "\"tool_calls\":[" TOOL_CALL("a") "]}");
    expect_messages(
        "{\"type\":\"reasoning\",\"summary\":[],\"content\":[{\"type\":\"reasoning_text\",\"text\":\"t\"}]},"
        "{\"role\":\"assistant\",\"content\":\"so\"}",
        "{\"role\":\"assistant\",\"content\":\"so\",\"reasoning_content\":\"t\"}");
    expect_messages(THOUGHT "," USER, USER);
    form = REASONING_TAGS;
    expect_messages(items, USER ",{\"role\":\"assistant\",\"content\":\"<think>why</think>so\"}");
    expect_messages("{\"type\":\"reasoning\",\"summary\":[]},{\"role\":\"assistant\",\"content\":\"so\"}",
                    "{\"role\":\"assistant\",\"content\":\"so\"}");
    form = REASONING_LEFT_OUT;
}

static void instructions_take_leading_guidance_in(void)
{
    expect(
        "{\"instructions\":\"i\",\"input\":[{\"role\":\"system\",\"content\":\"s\"},{\"role\":\"developer\","
        "\"content\":[{\"type\":\"input_text\",\"text\":\"d\"}]}," USER
        ",{\"role\":\"system\",\"content\":\"late\"}]}",
        "{\"messages\":[{\"role\":\"system\",\"content\":\"i\\n\\ns\\n\\nd\"}," USER
        ",{\"role\":\"system\",\"content\":\"late\"}]}");
    expect("{" HI ",\"instructions\":\"i\"}",
           "{\"messages\":[{\"role\":\"system\",\"content\":\"i\"},{\"role\":\"user\",\"content\":"
           "[{\"type\":\"text\",\"text\":\"hi\"}]}]}");
    expect("{" HI ",\"instructions\":null}", "{" HI_CHAT "}");
    expect("{" HI ",\"instructions\":\"\"}", "{" HI_CHAT "}");
    expect_refusal("{\"instructions\":[],\"input\":\"x\"}", "instructions", "string");
    expect_refusal("{\"instructions\":\"i\",\"input\":[{\"role\":\"system\",\"content\":\"s\"},{\"type\":"
                   "\"item_reference\"}]}",
                   "input[1]", "item_reference");
}

#define FUNCTION                                                                                             \
    "{\"type\":\"function\",\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":\"object\"}}"
#define FUNCTION_CHAT                                                                                        \
    "{\"type\":\"function\",\"function\":{\"name\":\"f\",\"description\":\"d\",\"parameters\":{\"type\":"    \
    "\"object\"}}}"

static void tools_are_nested(void)
{
    expect("{\"tools\":[" FUNCTION "," FUNCTION
           "],\"parallel_tool_calls\":false,\"tool_choice\":\"required\"," HI "}",
           "{\"tools\":[" FUNCTION_CHAT "," FUNCTION_CHAT
           "],\"tool_choice\":\"required\",\"parallel_tool_calls\":false," HI_CHAT "}");
    expect("{\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"strict\":true,\"parameters\":null}]," HI "}",
           "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true}}]," HI_CHAT "}");
    expect("{\"tools\":[" FUNCTION "],\"tool_choice\":{\"type\":\"function\",\"name\":\"f\"}," HI "}",
           "{\"tools\":[" FUNCTION_CHAT
           "],\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}," HI_CHAT "}");
    expect("{\"tools\":[" FUNCTION "],\"tool_choice\":{\"type\":\"allowed_tools\",\"mode\":\"auto\","
           "\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]}," HI "}",
           "{\"tools\":[" FUNCTION_CHAT
           "],\"tool_choice\":{\"type\":\"allowed_tools\",\"allowed_tools\":{\"mode\":"
           "\"auto\",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]}}," HI_CHAT "}");
}

static void without_tools_nothing_is_said_of_them(void)
{
    expect("{\"tools\":[],\"tool_choice\":\"auto\",\"parallel_tool_calls\":true," HI "}", "{" HI_CHAT "}");
    expect("{\"tool_choice\":\"none\",\"parallel_tool_calls\":true," HI "}", "{" HI_CHAT "}");
    expect_refusal("{\"tool_choice\":\"required\"," HI "}", "tool_choice",
                   "tool_choice='required' requires at least one tool");
    expect_refusal("{\"tools\":[],\"tool_choice\":{\"type\":\"function\",\"name\":\"f\"}," HI "}",
                   "tool_choice", "tool");
}

#define NAMESPACE                                                                                            \
    "{\"type\":\"namespace\",\"name\":\"mcp__wx\",\"description\":\"w\",\"tools\":[{\"type\":\"function\","  \
    "\"name\":\"weather\",\"parameters\":{}}]}"

static void a_namespace_is_flat(void)
{
    expect(
        "{\"tools\":[" NAMESPACE "],\"input\":[{\"type\":\"function_call\",\"call_id\":\"a\",\"namespace\":"
        "\"mcp__wx\",\"name\":\"weather\",\"arguments\":\"{}\"}]}",
        "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"mcp__wx__weather\",\"parameters\":{}}}],"
        "\"messages\":[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"a\",\"type\":"
        "\"function\",\"function\":{\"name\":\"mcp__wx__weather\",\"arguments\":\"{}\"}}]}]}");
}

static void a_custom_tool_is_a_function_with_a_text(void)
{
    expect(
        "{\"tools\":[{\"type\":\"custom\",\"name\":\"patch\",\"description\":\"d\",\"format\":{\"type\":"
        "\"grammar\",\"syntax\":\"lark\",\"definition\":\"start: "
        "x\"}}],\"input\":[{\"type\":\"custom_tool_call\","
        "\"call_id\":\"a\",\"name\":\"patch\",\"input\":\"x\\\"y\"},{\"type\":\"custom_tool_call_output\","
        "\"call_id\":\"a\",\"output\":\"r\"}]}",
        "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"patch\",\"description\":\"d\\n\\nThe "
        "text "
        "in \\\"input\\\" must match this lark grammar:\\nstart: x\",\"parameters\":{\"type\":\"object\","
        "\"properties\":{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"],\"additionalProperties\":"
        "false}}}],\"messages\":[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"a\","
        "\"type\":"
        "\"function\",\"function\":{\"name\":\"patch\",\"arguments\":\"{\\\"input\\\":\\\"x\\\\\\\"y\\\"}\"}}"
        "]}," TOOL("a") "]}");
}

static void hosted_tools_are_left_out_unless_forced(void)
{
    static const char *const types[] = {
        "web_search", "web_search_preview",   "file_search",      "code_interpreter",
        "mcp",        "computer_use_preview", "image_generation", "local_shell"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char request[256];
        snprintf(request, sizeof request, "{" HI ",\"tools\":[" FUNCTION ",{\"type\":\"%s\"}]}", types[i]);
        expect(request, "{\"tools\":[" FUNCTION_CHAT "]," HI_CHAT "}");
    }
    expect("{" HI ",\"tools\":[{\"type\":\"web_search\"}],\"tool_choice\":\"auto\"}", "{" HI_CHAT "}");
    expect_refusal("{" HI ",\"tools\":[{\"type\":\"web_search\"}],\"tool_choice\":\"required\"}",
                   "tool_choice", "at least one tool");
    expect_refusal("{" HI ",\"tools\":[{\"type\":\"function\"}]}", "tools[0]", "name");
    expect_refusal("{" HI ",\"tools\":[{\"type\":\"custom\"}]}", "tools[0]", "name");
    expect_refusal("{" HI ",\"tools\":[{\"name\":\"f\"}]}", "tools[0]", "type");
    expect_refusal("{" HI ",\"tools\":{}}", "tools", "list");
    expect_refusal("{" HI ",\"tools\":[" FUNCTION "],\"tool_choice\":{\"type\":\"file_search\"}}",
                   "tool_choice", "'file_search'");
    expect_refusal("{" HI ",\"tools\":[" FUNCTION "],\"tool_choice\":\"maybe\"}", "tool_choice", "\"auto\"");
    expect_refusal("{" HI ",\"tools\":[" FUNCTION
                   "],\"tool_choice\":{\"type\":\"allowed_tools\",\"mode\":\"auto\","
                   "\"tools\":[{\"type\":\"mcp\"}]}}",
                   "tool_choice", "'mcp'");
}

static void the_form_of_the_answer_is_nested(void)
{
    expect("{" HI ",\"text\":{\"verbosity\":\"low\",\"format\":{\"type\":\"json_schema\",\"name\":\"n\","
           "\"schema\":{\"a\":1.0},"
           "\"strict\":true}}}",
           "{\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"a\":"
           "1.0},"
           "\"strict\":true}},\"verbosity\":\"low\"," HI_CHAT "}");
    expect("{" HI ",\"text\":{\"format\":{\"type\":\"json_object\"}}}",
           "{\"response_format\":{\"type\":\"json_object\"}," HI_CHAT "}");
    expect("{" HI ",\"text\":{\"format\":{\"type\":\"text\"}}}", "{" HI_CHAT "}");
    expect_refusal("{" HI ",\"text\":{\"format\":{\"type\":\"grammar\"}}}", "text.format", "'grammar'");
    expect_refusal("{" HI ",\"text\":\"json\"}", "text", "object");
}

static void members_keep_their_meaning(void)
{
    expect("{\"model\":\"m\",\"temperature\":1.0,\"top_p\":0.10,\"metadata\":{\"k\":\"v\"},\"user\":\"u\","
           "\"stream\":true,"
           "\"service_tier\":\"flex\",\"prompt_cache_key\":\"p\",\"client_metadata\":{},\"safety_"
           "identifier\":\"s\"," HI "}",
           "{\"model\":\"m\",\"temperature\":1.0,\"top_p\":0.10,\"metadata\":{\"k\":\"v\"},\"user\":\"u\","
           "\"stream\":true,"
           "\"service_tier\":\"flex\",\"safety_identifier\":\"s\"," HI_CHAT "}");
    expect("{\"max_output_tokens\":128," HI "}", "{\"max_tokens\":128," HI_CHAT "}");
    expect("{\"reasoning\":{\"effort\":\"low\",\"summary\":\"auto\"}," HI "}",
           "{\"reasoning_effort\":\"low\"," HI_CHAT "}");
    expect("{\"reasoning\":{\"effort\":null}," HI "}", "{" HI_CHAT "}");
    expect("{\"include\":[\"message.output_text.logprobs\"],\"top_logprobs\":3," HI "}",
           "{\"logprobs\":true,\"top_logprobs\":3," HI_CHAT "}");
    expect("{\"include\":[\"reasoning.encrypted_content\"],\"top_logprobs\":0," HI "}", "{" HI_CHAT "}");
    expect(
        "{\"temperature\":null,\"previous_response_id\":null,\"max_output_tokens\":null,\"prompt\":null," HI
        "}",
        "{" HI_CHAT "}");
    expect("{\"store\":true,\"max_tool_calls\":3,\"truncation\":\"disabled\",\"background\":false,"
           "\"stream_options\":{\"include_obfuscation\":false}," HI "}",
           "{" HI_CHAT "}");
    expect("{\"top_k\":40,\"x\\u0041\":null,\"deep\":{\"a\":[1e3]}," HI "}",
           "{\"top_k\":40,\"x\\u0041\":null,\"deep\":{\"a\":[1e3]}," HI_CHAT "}");
}

static void what_cannot_be_kept_is_refused(void)
{
    expect_refusal("{" HI ",\"conversation\":\"conv_1\"}", "conversation", "kept");
    expect_refusal("{" HI ",\"prompt\":{\"id\":\"pmpt\"}}", "prompt", "kept");
    expect_refusal("{" HI ",\"background\":true}", "background", "false");
    expect_refusal("{" HI ",\"truncation\":\"auto\"}", "truncation", "disabled");
    expect_refusal("{" HI ",\"previous_response_id\":\"resp_1\"}", "previous_response_id", "whole input");
    CU_ASSERT_STRING_EQUAL(why.code, "previous_response_not_found");
    expect_refusal("{}", "input", "string or a list");
    expect_refusal("{\"input\":{}}", "input", "string or a list");
    expect_refusal("{\"input\":\"a\",\"input\":\"b\"}", "input", "given twice");
    expect_refusal("{\"input\":\"a\",\"\\u0069nput\":\"b\"}", "input", "given twice");
    expect_refusal("{" HI ",\"reasoning\":\"low\"}", "reasoning", "object");
    expect_refusal("{" HI ",\"messages\":[]}", "messages", "say input");
    expect_refusal("{" HI ",\"max_tokens\":5}", "max_tokens", "max_output_tokens");
    expect_refusal("{" HI ",\"max_completion_tokens\":5}", "max_completion_tokens", "max_output_tokens");
    expect_refusal("{" HI ",\"response_format\":{}}", "response_format", "text.format");
    expect_refusal("{" HI ",\"n\":2}", "n", "one request");
}

static void what_is_said_is_kept_for_the_answer(void)
{
    arena = arena_create();
    CU_ASSERT_PTR_NOT_NULL(
        convert("{\"model\":\"m\",\"tools\":[],\"temperature\":0.5,\"user\":null," HI "}", ROOM));
    CU_ASSERT_EQUAL(ask.model.length, 3);
    CU_ASSERT_EQUAL(ask.echo[ECHO_TOOLS].length, 2);
    CU_ASSERT_EQUAL(ask.echo[ECHO_TEMPERATURE].length, 3);
    CU_ASSERT_PTR_NULL(ask.echo[ECHO_USER].at);
    CU_ASSERT_PTR_NULL(ask.echo[ECHO_INSTRUCTIONS].at);
    arena_destroy(arena);
}

/* With any size of memory the result is complete or a refusal; three times the request is enough. */
static void a_full_buffer_is_a_refusal(void)
{
    static const char request[] =
        "{\"instructions\":\"i\",\"input\":[" THOUGHT "," CALL("a") "," CALL("b") "," OUTPUT(
            "a") ",{\"role\":\"user\","
                 "\"content\":[{\"type\":\"input_image\",\"image_url\":\"u\"}]}],\"tools\":[" FUNCTION
                 "],\"text\":{\"format\":"
                 "{\"type\":\"json_object\"}}}";
    size_t whole = 0;
    for (size_t room = 0; room < sizeof request * 3; room++) {
        arena = arena_create();
        const char *got = convert(request, room);
        CU_ASSERT_EQUAL(why.reason, got ? FAILURE_NONE : FAILURE_TOO_LARGE);
        CU_ASSERT_TRUE(got || !whole);
        if (got && !whole)
            whole = room;
        CU_ASSERT_TRUE(!got || strlen(got) == whole);
        arena_destroy(arena);
    }
    CU_ASSERT_TRUE(whole > 0);
}

static const struct unit_test tests[] = {
    {"a text is one user's message", a_text_is_one_users_message},
    {"messages keep role and text", messages_keep_role_and_text},
    {"parts take their chat form", parts_take_their_chat_form},
    {"parts without a chat form are refused", parts_without_a_chat_form_are_refused},
    {"calls of one turn are one message", calls_of_one_turn_are_one_message},
    {"outputs are text", outputs_are_text},
    {"pictures of outputs follow the group", pictures_of_outputs_follow_the_group},
    {"outputs stand behind their calls", outputs_stand_behind_their_calls},
    {"items of hosted tools are left out", items_of_hosted_tools_are_left_out},
    {"references to reasoning alone are left out", references_to_reasoning_alone_are_left_out},
    {"items without a chat form are refused by name", items_without_a_chat_form_are_refused_by_name},
    {"reasoning goes where the provider has it", reasoning_goes_where_the_provider_has_it},
    {"instructions take leading guidance in", instructions_take_leading_guidance_in},
    {"tools are nested", tools_are_nested},
    {"without tools nothing is said of them", without_tools_nothing_is_said_of_them},
    {"a namespace is flat", a_namespace_is_flat},
    {"a custom tool is a function with a text", a_custom_tool_is_a_function_with_a_text},
    {"hosted tools are left out unless forced", hosted_tools_are_left_out_unless_forced},
    {"the form of the answer is nested", the_form_of_the_answer_is_nested},
    {"members keep their meaning", members_keep_their_meaning},
    {"what cannot be kept is refused", what_cannot_be_kept_is_refused},
    {"what is said is kept for the answer", what_is_said_is_kept_for_the_answer},
    {"a full buffer is a refusal", a_full_buffer_is_a_refusal},
};

UNIT_MAIN("responses_request", tests)
