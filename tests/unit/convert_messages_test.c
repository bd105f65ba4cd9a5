/* Clients of the Messages API at a provider that speaks chat completions. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "conversion_kit.h"
#include "unit.h"

#define USER "{\"role\":\"user\",\"content\":\"hi\"}"
#define MODEL "\"model\":\"asked\",\"max_tokens\":9"

/* Messages, and those made from them. */
static void expect_messages(const char *messages, const char *wanted)
{
    char request[8192], chat[8192];
    snprintf(request, sizeof request, "{" MODEL ",\"messages\":[%s]}", messages);
    snprintf(chat, sizeof chat, "{" MODEL ",\"messages\":[%s]}", wanted);
    expect_request(API_MESSAGES, API_CHAT, request, chat);
}

static void expect_with(const char *members, const char *wanted)
{
    char request[8192], chat[8192];
    snprintf(request, sizeof request, "{" MODEL ",%s,\"messages\":[" USER "]}", members);
    snprintf(chat, sizeof chat, "{" MODEL "%s%s,\"messages\":[" USER "]}", *wanted ? "," : "", wanted);
    expect_request(API_MESSAGES, API_CHAT, request, chat);
}

static void expect_refused(const char *members, const char *param)
{
    char request[8192];
    snprintf(request, sizeof request, "{" MODEL ",%s}", members);
    expect_request_refused(API_MESSAGES, API_CHAT, request, param);
}

#define CALL(id)                                                                                             \
    "{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"" id                               \
    "\",\"name\":\"ls\",\"input\":{\"a\":\"x\\\"y\"}}]}"
#define CHAT_CALL(id)                                                                                        \
    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"" id                                 \
    "\",\"type\":\"function\",\"function\":{\"name\":\"ls\",\"arguments\":\"{\\\"a\\\":\\\"x\\\\\\\"y\\\"}"  \
    "\"}}]}"

static void texts_and_roles(void)
{
    expect_messages(USER ",{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"so\"}]}",
                    USER ",{\"role\":\"assistant\",\"content\":\"so\"}");
    expect_messages("{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\",\"cache_control\":{}},"
                    "{\"type\":\"text\",\"text\":\"b\"}]}",
                    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\","
                    "\"text\":\"b\"}]}");
    expect_refused("\"messages\":[{\"role\":\"narrator\",\"content\":\"x\"}]", "messages[0]");
    expect_refused("\"messages\":[" USER ",{\"role\":\"user\",\"content\":[{\"type\":\"hologram\"}]}]",
                   "messages[1]");
    expect_refused("\"messages\":{}", "messages");
}

static void system_is_one_message_without_the_bill(void)
{
    expect_request(API_MESSAGES, API_CHAT, "{\"system\":\"s\",\"messages\":[" USER "]}",
                   "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"}," USER "]}");
    expect_request(API_MESSAGES, API_CHAT,
                   "{\"system\":[{\"type\":\"text\",\"text\":\"x-anthropic-billing-header: v=1; cch=1;\"},"
                   "{\"type\":\"text\",\"text\":\"You\"},{\"type\":\"text\",\"text\":\"are\"}],\"messages\":["
                   "{\"role\":\"user\",\"content\":\"x-anthropic-billing-header: mine\"}]}",
                   "{\"messages\":[{\"role\":\"system\",\"content\":\"You\\n\\nare\"},{\"role\":\"user\","
                   "\"content\":\"x-anthropic-billing-header: mine\"}]}");
    expect_request(API_MESSAGES, API_CHAT,
                   "{\"system\":\"x-anthropic-billing-header: v=1;\\nYou are\",\"messages\":[" USER "]}",
                   "{\"messages\":[{\"role\":\"system\",\"content\":\"You are\"}," USER "]}");
}

static void results_stand_behind_their_calls(void)
{
    expect_messages(
        CALL("t1") ",{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"and Rome?\"},{\"type\":"
                   "\"tool_result\",\"tool_use_id\":\"t1\",\"content\":\"ok\"}]}",
        CHAT_CALL("t1") ",{\"role\":\"tool\",\"tool_call_id\":\"t1\",\"content\":\"ok\"},{\"role\":\"user\","
                        "\"content\":\"and Rome?\"}");
    expect_messages(
        CALL("t1") ",{\"role\":\"system\",\"content\":\"In French.\"},{\"role\":\"user\",\"content\":[{"
                   "\"type\":\"tool_result\",\"tool_use_id\":\"t1\",\"is_error\":true,\"content\":[{\"type\":"
                   "\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}]}",
        CHAT_CALL("t1") ",{\"role\":\"tool\",\"tool_call_id\":\"t1\",\"content\":\"Error: a\\nb\"},{\"role\":"
                        "\"system\",\"content\":\"In French.\"}");
    expect_messages(
        "{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"gone\","
        "\"content\":\"r\"}]}",
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"[Result of an earlier tool "
        "call]\"},{\"type\":\"text\",\"text\":\"r\"}]}");
    expect_refused("\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"id\":\"t\"}]}]",
                   "messages[0]");
}

#define PICTURE                                                                                              \
    "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"AAAA\"}}"
#define CHAT_PICTURE "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}}"

static void pictures_and_files(void)
{
    expect_messages("{\"role\":\"user\",\"content\":[" PICTURE
                    ",{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"http://x/y.png\"}}]}",
                    "{\"role\":\"user\",\"content\":[" CHAT_PICTURE
                    ",{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://x/y.png\"}}]}");
    expect_messages(
        CALL("t1") ",{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t1\","
                   "\"content\":[{\"type\":\"text\",\"text\":\"shot\"}," PICTURE "]}]}",
        CHAT_CALL(
            "t1") ",{\"role\":\"tool\",\"tool_call_id\":\"t1\",\"content\":\"shot\"},{\"role\":\"user\","
                  "\"content\":[" CHAT_PICTURE "]}");
    expect_messages(
        "{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"source\":{\"type\":\"base64\","
        "\"media_type\":\"application/pdf\",\"data\":\"JVBE\"},\"title\":\"a.pdf\"},{\"type\":\"document\","
        "\"source\":{\"type\":\"text\",\"media_type\":\"text/plain\",\"data\":\"words\"}}]}",
        "{\"role\":\"user\",\"content\":[{\"type\":\"file\",\"file\":{\"filename\":\"a.pdf\",\"file_data\":"
        "\"data:application/pdf;base64,JVBE\"}},{\"type\":\"text\",\"text\":\"words\"}]}");
    expect_refused(
        "\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"document\",\"source\":{\"type\":"
        "\"file\",\"file_id\":\"f\"}}]}]",
        "messages[0]");
}

static void thinking_of_others_is_left_out(void)
{
    expect_messages("{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\","
                    "\"signature\":\"EqQB\"},{\"type\":\"redacted_thinking\",\"data\":\"Eo8\"},{\"type\":"
                    "\"text\",\"text\":\"so\"}]}",
                    "{\"role\":\"assistant\",\"content\":\"so\"}");
    struct pair pair = pair_open(API_MESSAGES, API_CHAT);
    pair.facts.reasoning = REASONING_MEMBER;
    const char *got = pair_request(
        &pair,
        "{\"messages\":[" USER ",{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\","
        "\"thinking\":\"hm\",\"signature\":\"EqQB\"},{\"type\":\"tool_use\",\"id\":\"a\",\"name\":\"f\","
        "\"input\":{}}]}]}");
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\"content\":null,\"reasoning_content\":\"hm\",\"tool_calls\":[{"));
    pair_close(&pair);
}

static void members_find_their_places(void)
{
    expect_with(
        "\"stop_sequences\":[\"</x>\"],\"temperature\":0.5,\"metadata\":{\"user_id\":\"{}\"},\"top_k\":5,"
        "\"service_tier\":\"auto\",\"context_management\":{\"edits\":[]},\"container\":null,\"new\":1",
        "\"stop\":[\"</x>\"],\"temperature\":0.5");
    expect_with("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":2000}", "\"reasoning_effort\":\"low\"");
    expect_with("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":31999}",
                "\"reasoning_effort\":\"high\"");
    expect_with("\"thinking\":{\"type\":\"adaptive\"}", "");
    expect_with("\"thinking\":{\"type\":\"disabled\"}", "");
    expect_with(
        "\"output_config\":{\"effort\":\"max\",\"format\":{\"type\":\"json_schema\",\"schema\":{\"a\":1}}}",
        "\"reasoning_effort\":\"high\",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{"
        "\"name\":\"answer\",\"schema\":{\"a\":1},\"strict\":true}}");
    expect_refused("\"messages\":[],\"mcp_servers\":[{\"type\":\"url\"}]", "mcp_servers");
    expect_refused("\"messages\":[],\"messages\":[]", "messages");
}

#define TOOL                                                                                                 \
    "{\"name\":\"ls\",\"description\":\"d\",\"input_schema\":{\"type\":\"object\"},\"cache_control\":{}}"
#define CHAT_TOOL                                                                                            \
    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"ls\",\"description\":\"d\",\"parameters\":{" \
    "\"type\":\"object\"}}}]"

static void tools_and_the_choice(void)
{
    expect_with("\"tools\":[" TOOL "],\"tool_choice\":{\"type\":\"any\"}",
                CHAT_TOOL ",\"tool_choice\":\"required\"");
    expect_with("\"tools\":[" TOOL "],\"tool_choice\":{\"type\":\"tool\",\"name\":\"ls\"}",
                CHAT_TOOL ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"ls\"}}");
    expect_with("\"tools\":[" TOOL "],\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true}",
                CHAT_TOOL ",\"tool_choice\":\"auto\",\"parallel_tool_calls\":false");
    expect_with("\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true}", "");
    expect_with("\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\",\"max_uses\":5}," TOOL
                "]",
                CHAT_TOOL);
    expect_refused("\"messages\":[],\"tools\":[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}],"
                   "\"tool_choice\":{\"type\":\"tool\",\"name\":\"web_search\"}",
                   "tool_choice");
    expect_refused("\"messages\":[],\"tools\":[{\"input_schema\":{}}]", "tools[0]");
}

/* ---- answers ---- */

#define DELTA(members) "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{" members "}}]}"
#define FINISH(reason) "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" reason "\"}]}"
#define WORDS(text) DELTA("\"content\":\"" text "\"")
#define THOUGHT(text) DELTA("\"reasoning_content\":\"" text "\"")
#define CALLS(calls) DELTA("\"tool_calls\":[" calls "]")
#define PIECE(index, id, name, arguments)                                                                    \
    "{\"index\":" index ",\"id\":\"" id "\",\"function\":{\"name\":\"" name "\",\"arguments\":\"" arguments  \
    "\"}}"

/* The events in short: kinds of blocks, deltas and the reason. */
static const char *in_short(struct arena *arena, const char *stream)
{
    const char *text = "";
    for (const char *line = stream; line && *line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (strncmp(line, "data: ", 6) != 0)
            continue;
        struct json_value event = parsed(arena_copy(arena, line + 6, strcspn(line + 6, "\n")));
        struct json_value block = json_get(event, "content_block"), delta = json_get(event, "delta");
        int64_t index = -1;
        (void)!json_integer(json_get(event, "index"), &index);
        const char *kind = json_string(arena, json_get(block, "type"), NULL);
        const char *said = json_string(arena, json_get(delta, "text"), NULL);
        if (!said)
            said = json_string(arena, json_get(delta, "thinking"), NULL);
        if (!said)
            said = json_string(arena, json_get(delta, "partial_json"), NULL);
        const char *reason = json_string(arena, json_get(delta, "stop_reason"), NULL);
        if (kind)
            text = arena_format(arena, "%s[%d %s", text, (int)index, kind);
        else if (said)
            text = arena_format(arena, "%s|%s", text, said);
        else if (json_name_is(json_get(event, "type"), "content_block_stop"))
            text = arena_format(arena, "%s]", text);
        else if (reason)
            text = arena_format(arena, "%s %s", text, reason);
    }
    return text;
}

static void expect_stream(const char *const *frames, const char *wanted)
{
    struct pair pair = pair_open(API_MESSAGES, API_CHAT);
    const char *stream = pair_stream(&pair, frames),
               *got = stream ? in_short(pair.arena, stream) : pair.why.message;
    if (strcmp(got, wanted) != 0)
        printf("\n  wanted %s\n  got    %s\n%s", wanted, got, stream ? stream : "");
    CU_ASSERT_STRING_EQUAL(got, wanted);
    pair_close(&pair);
}

static void blocks_open_with_what_they_say(void)
{
    static const char *const kinds[] = {DELTA("\"role\":\"assistant\",\"content\":\"\""),
                                        THOUGHT("hm"),
                                        WORDS("The "),
                                        WORDS("answer"),
                                        FINISH("stop"),
                                        NULL};
    static const char *const openrouter[] = {DELTA("\"reasoning\":\"hm\""), DELTA("\"content\":null"),
                                             FINISH("stop"), NULL};
    static const char *const text_again[] = {WORDS("a"), CALLS(PIECE("0", "c0", "ls", "{}")), WORDS("b"),
                                             FINISH("stop"), NULL};
    static const char *const two[] = {CALLS(PIECE("0", "c0", "ls", "{}") "," PIECE("1", "c1", "pwd", "{}")),
                                      FINISH("tool_calls"), NULL};
    static const char *const in_turns[] = {CALLS(PIECE("0", "c0", "ls", "")),
                                           CALLS(PIECE("1", "c1", "pwd", "")),
                                           CALLS("{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\"\"}}"),
                                           CALLS("{\"index\":1,\"function\":{\"arguments\":\"{}\"}}"),
                                           CALLS("{\"index\":0,\"function\":{\"arguments\":\":1}\"}}"),
                                           FINISH("tool_calls"),
                                           NULL};
    static const char *const bare[] = {CALLS(PIECE("0", "c0", "ls", "")), FINISH("tool_calls"), NULL};
    expect_stream(kinds, "[0 thinking|hm][1 text|The |answer] end_turn");
    expect_stream(openrouter, "[0 thinking|hm] end_turn");
    expect_stream(text_again, "[0 text|a][1 tool_use|{}][2 text|b] tool_use");
    expect_stream(two, "[0 tool_use|{}][1 tool_use|{}] tool_use");
    expect_stream(in_turns, "[0 tool_use|{\"a\"|:1}][1 tool_use|{}] tool_use");
    expect_stream(bare, "[0 tool_use|{}] tool_use");
}

static void the_reason_is_that_of_what_was_said(void)
{
    static const char *const stop_with_call[] = {CALLS(PIECE("0", "c0", "ls", "{}")), FINISH("stop"), NULL};
    static const char *const no_call[] = {WORDS("on it"), DELTA("\"tool_calls\":[]"), FINISH("tool_calls"),
                                          NULL};
    static const char *const cut[] = {CALLS(PIECE("0", "c0", "ls", "{\\\"html\\\":\\\"<p")), FINISH("length"),
                                      NULL};
    static const char *const cut_unsaid[] = {CALLS(PIECE("0", "c0", "ls", "{\\\"html\\\":\\\"<p")),
                                             FINISH("tool_calls"), NULL};
    static const char *const filtered[] = {WORDS("a"), FINISH("content_filter"), NULL};
    static const char *const long_text[] = {WORDS("a"), FINISH("length"), NULL};
    expect_stream(stop_with_call, "[0 tool_use|{}] tool_use");
    expect_stream(no_call, "[0 text|on it] end_turn");
    expect_stream(cut, "[0 tool_use|{\"html\":\"<p] max_tokens");
    expect_stream(cut_unsaid, "[0 tool_use|{\"html\":\"<p] max_tokens");
    expect_stream(filtered, "[0 text|a] refusal");
    expect_stream(long_text, "[0 text|a] max_tokens");
}

static void a_stream_has_the_events_of_the_api(void)
{
    static const char *const frames[] = {WORDS("a\\n"), FINISH("stop"), NULL};
    struct pair pair = pair_open(API_MESSAGES, API_CHAT);
    pair.request = "{\"model\":\"asked\",\"messages\":[{\"role\":\"user\",\"content\":\"1234567890\"}]}";
    pair.usage = (struct token_usage){.source = USAGE_PROVIDER,
                                      .prompt = 1000,
                                      .completion = 5,
                                      .total = 1005,
                                      .cached = 900,
                                      .cache_write = TOKENS_UNKNOWN,
                                      .reasoning = TOKENS_UNKNOWN};
    const char *got = masked_events(pair.arena, pair_stream(&pair, frames));
    CU_ASSERT_STRING_EQUAL(
        got,
        "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_#\",\"type\":\"message\",\"role\":"
        "\"assistant\","
        "\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_"
        "tokens\":12,"
        "\"output_tokens\":0}}}\n"
        "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n"
        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"a\\n\"}}"
        "\n"
        "{\"type\":\"content_block_stop\",\"index\":0}\n"
        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},"
        "\"usage\":{"
        "\"input_tokens\":100,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":900,"
        "\"output_tokens\":5}}\n"
        "{\"type\":\"message_stop\"}\n");
    pair_close(&pair);
}

static void expect_body(const char *message, const char *reason, const char *content, const char *stop)
{
    char body[4096];
    struct pair pair = pair_open(API_MESSAGES, API_CHAT);
    snprintf(body, sizeof body,
             "{\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{%s},\"finish_reason\":%s}]}", message,
             reason);
    const char *got = pair_body(&pair, body);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    struct json_value root = parsed(got), blocks = json_get(root, "content");
    const char *kept = arena_copy(pair.arena, blocks.at, blocks.length);
    if (strcmp(kept, content) != 0)
        printf("\n  wanted %s\n  got    %s\n", content, kept);
    CU_ASSERT_STRING_EQUAL(kept, content);
    CU_ASSERT_TRUE(json_name_is(json_get(root, "stop_reason"), stop));
    int64_t count = -1;
    CU_ASSERT_TRUE(json_integer(json_get(json_get(root, "usage"), "input_tokens"), &count) && count > 0);
    CU_ASSERT_TRUE(json_integer(json_get(json_get(root, "usage"), "output_tokens"), &count) && count > 0);
    pair_close(&pair);
}

static void a_whole_answer_says_the_same(void)
{
    expect_body("\"content\":\"so\",\"reasoning\":\"hm\"", "\"stop\"",
                "[{\"type\":\"thinking\",\"thinking\":\"hm\",\"signature\":\"\"},{\"type\":\"text\",\"text\":"
                "\"so\"}]",
                "end_turn");
    expect_body(
        "\"content\":null,\"tool_calls\":[{\"id\":\"c0\",\"function\":{\"name\":\"ls\",\"arguments\":"
        "\"{\\\"a\\\":1}\"}},{\"id\":\"c1\",\"function\":{\"name\":\"pwd\",\"arguments\":\"\"}}]",
        "\"stop\"",
        "[{\"type\":\"tool_use\",\"id\":\"c0\",\"name\":\"ls\",\"input\":{\"a\":1}},{\"type\":\"tool_use\","
        "\"id\":\"c1\",\"name\":\"pwd\",\"input\":{}}]",
        "tool_use");
    expect_body(
        "\"content\":\"so\",\"tool_calls\":[{\"id\":\"c0\",\"function\":{\"name\":\"ls\",\"arguments\":"
        "\"{\\\"a\\\":\\\"\"}}]",
        "\"length\"", "[{\"type\":\"text\",\"text\":\"so\"}]", "max_tokens");
}

static void long_names_come_back(void)
{
    static const char request[] = "{\"messages\":[],\"tools\":[{\"name\":\"mcp__a_server_with_a_long_name__"
                                  "and_a_tool_with_an_even_longer_name\","
                                  "\"input_schema\":{}},{\"name\":\"a.b\",\"input_schema\":{}}]}";
    struct pair pair = pair_open(API_MESSAGES, API_CHAT);
    const char *chat = pair_request(&pair, request);
    CU_ASSERT_PTR_NOT_NULL_FATAL(chat);
    struct json_value rest = json_elements(json_get(parsed(chat), "tools")), tool;
    pair.request = request;
    const char *const wanted[] = {"mcp__a_server_with_a_long_name__and_a_tool_with_an_even_longer_name",
                                  "a.b"};
    for (size_t i = 0; json_next_element(&rest, &tool); i++) {
        const char *name = json_string(pair.arena, json_get(json_get(tool, "function"), "name"), NULL);
        CU_ASSERT_TRUE(strlen(name) <= 64 &&
                       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(name));
        const char *body = arena_format(
            pair.arena,
            "{\"choices\":[{\"message\":{\"tool_calls\":[{\"id\":\"c\",\"function\":{"
            "\"name\":\"%s\",\"arguments\":\"{}\"}}]}}]}",
            name);
        const char *message = pair_body(&pair, body);
        CU_ASSERT_PTR_NOT_NULL_FATAL(message);
        CU_ASSERT_PTR_NOT_NULL(strstr(message, arena_format(pair.arena, "\"name\":\"%s\"", wanted[i])));
    }
    pair_close(&pair);
}

static const struct unit_test tests[] = {
    {"texts and roles", texts_and_roles},
    {"system is one message without the bill", system_is_one_message_without_the_bill},
    {"results stand behind their calls", results_stand_behind_their_calls},
    {"pictures and files", pictures_and_files},
    {"thinking of others is left out", thinking_of_others_is_left_out},
    {"members find their places", members_find_their_places},
    {"tools and the choice", tools_and_the_choice},
    {"blocks open with what they say", blocks_open_with_what_they_say},
    {"the reason is that of what was said", the_reason_is_that_of_what_was_said},
    {"a stream has the events of the API", a_stream_has_the_events_of_the_api},
    {"a whole answer says the same", a_whole_answer_says_the_same},
    {"long names come back", long_names_come_back},
};

UNIT_MAIN("convert_messages", tests)
