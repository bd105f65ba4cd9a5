/* Calls are told apart whatever indices, ids and names a provider sends. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "format/json.h"
#include "protocol/answer.h"
#include "protocol/conversation_build.h"
#include "protocol/dialect_sides.h"
#include "responses_kit.h"
#include "unit.h"

#define TOOLS                                                                                                \
    "[{\"type\":\"function\",\"name\":\"read\"},{\"type\":\"function\",\"name\":\"read_file\"},"             \
    "{\"type\":\"function\",\"name\":\"write_file\"},{\"type\":\"web_search\"}]"

static struct arena *arena;
static struct answer answer;
static struct failure why;

static struct json_value parse(const char *text)
{
    struct json_value root = {0};
    struct json_fault fault;
    CU_ASSERT_TRUE_FATAL(
        json_check((struct json_value){text, strlen(text)}, JSON_DEPTH_MAX, JSON_UTF8_STRICT, &root, &fault));
    return root;
}

static bool take(const char *member, const char *calls)
{
    char choice[1024];
    snprintf(choice, sizeof choice, "{\"choices\":[{\"index\":0,\"%s\":{%s}}]}", member, calls);
    char *kept = arena_copy(arena, choice, strlen(choice) + 1);
    return chat_provider.read_frame(&answer, parse(kept), &why);
}

/* Writes the calls in order as "name(arguments) ...", with "name#id(...)" where the id is the provider's. */
static void write_calls(char *text, size_t size)
{
    *text = '\0';
    for (size_t i = 0; i < answer.count; i++) {
        const struct answer_item *item = answer.items[i];
        bool own = item->call_id.length > 3 && memcmp(item->call_id.bytes, "fc_", 3) == 0;
        size_t used = strlen(text);
        CU_ASSERT_TRUE(item->call_id.length > 0 && item->index == i);
        snprintf(text + used, size - used, "%s%.*s%s%.*s(%.*s)", used ? " " : "", (int)item->name.length,
                 item->name.bytes, own ? "" : "#", own ? 0 : (int)item->call_id.length, item->call_id.bytes,
                 (int)item->text.length, item->text.bytes);
    }
}

static void expect(const char *member, const char *const *deltas, const char *wanted, const char *tools)
{
    char got[1024];
    struct conversation conversation;
    struct json_value none = {0};
    arena = arena_create();
    conversation_open(&conversation, arena, API_RESPONSES, API_CHAT, none);
    take_tools(&conversation, tools ? parse(tools) : none);
    answer_open(&answer, arena, conversation.tools, NULL, NULL);
    for (; *deltas; deltas++)
        CU_ASSERT_TRUE(take(member, *deltas));
    if (chat_provider.read_end(&answer, &why) && answer_finish(&answer, &why))
        write_calls(got, sizeof got);
    else
        snprintf(got, sizeof got, "%s", why.message);
    if (strcmp(got, wanted) != 0)
        printf("\n  wanted %s\n  got    %s\n", wanted, got);
    CU_ASSERT_STRING_EQUAL(got, wanted);
    arena_destroy(arena);
}

#define CALLS(calls) "\"tool_calls\":[" calls "]"
#define CALL(members) CALLS("{" members "}")
#define INDEX(index) "\"index\":" #index ","
#define ID(id) "\"id\":\"" id "\","
#define NAME(name) "\"function\":{\"name\":\"" name "\"}"
#define BOTH(name, arguments) "\"function\":{\"name\":\"" name "\",\"arguments\":\"" arguments "\"}"
#define ARGUMENTS(arguments) "\"function\":{\"arguments\":\"" arguments "\"}"

struct story {
    const char *deltas[6];
    const char *wanted;
};

static void expect_all(const char *member, const struct story *stories, size_t count, const char *tools)
{
    for (size_t i = 0; i < count; i++)
        expect(member, stories[i].deltas, stories[i].wanted, tools);
}

#define EXPECT_ALL(member, stories, tools)                                                                   \
    expect_all(member, stories, sizeof(stories) / sizeof *(stories), tools)

static void pieces_find_their_call(void)
{
    static const struct story stories[] = {
        /* as documented, in turns, from an odd index */
        {{CALL(INDEX(0) ID("a") BOTH("read", "")), CALL(INDEX(0) ARGUMENTS("{\\\"p\\\"")),
          CALL(INDEX(0) ARGUMENTS(":1}"))},
         "read#a({\\\"p\\\":1})"},
        {{CALL(INDEX(0) ID("a") BOTH("read", "{")), CALL(INDEX(1) ID("b") BOTH("read", "[")),
          CALL(INDEX(0) ARGUMENTS("}")), CALL(INDEX(1) ARGUMENTS("]"))},
         "read#a({}) read#b([])"},
        {{CALL(INDEX(7) ID("a") BOTH("read", "{")), CALL(INDEX(7) ARGUMENTS("}"))}, "read#a({})"},
        {{CALL("\"index\":\"1\"," ID("a") BOTH("read", "{")), CALL("\"index\":1.0," ARGUMENTS("}"))},
         "read#a({})"},
        /* no index */
        {{CALL(ID("a") BOTH("read", "{")), CALL(ARGUMENTS("}")), CALL(ID("b") BOTH("read", "{")),
          CALL(ARGUMENTS("\\\"p\\\":2}"))},
         "read#a({}) read#b({\\\"p\\\":2})"},
        {{CALL(ID("a") BOTH("read", "{")), CALL(ID("b") BOTH("read", "[")), CALL(ID("a") ARGUMENTS("}")),
          CALL(ID("b") ARGUMENTS("]"))},
         "read#a({}) read#b([])"},
        {{CALL(INDEX(null) ID("a") BOTH("read", "{")), CALL(INDEX(null) ARGUMENTS("}"))}, "read#a({})"},
        /* one index for all, told by ids, in turns too */
        {{CALL(INDEX(0) ID("a") BOTH("read", "{")), CALL(INDEX(0) ID("b") BOTH("read", "[")),
          CALL(INDEX(0) ID("a") ARGUMENTS("}")), CALL(INDEX(0) ID("b") ARGUMENTS("]"))},
         "read#a({}) read#b([])"},
        /* one index, no ids */
        {{CALL(INDEX(0) BOTH("read_file", "{\\\"p\\\":0}")),
          CALL(INDEX(0) BOTH("write_file", "{\\\"p\\\":1}"))},
         "read_file({\\\"p\\\":0}) write_file({\\\"p\\\":1})"},
        {{CALL(INDEX(0) BOTH("read_file", "{\\\"p\\\":0}")),
          CALL(INDEX(0) BOTH("read_file", "{\\\"p\\\":1}"))},
         "read_file({\\\"p\\\":0}) read_file({\\\"p\\\":1})"},
        {{CALL(INDEX(0) BOTH("read_file", "{\\\"p\\\":\\\"}{\\\"}")),
          CALL(INDEX(0) ARGUMENTS("{\\\"p\\\":1}"))},
         "read_file({\\\"p\\\":\\\"}{\\\"}) read_file({\\\"p\\\":1})"},
        {{CALL(INDEX(0) BOTH("read_file", "{\\\"p\\\":0} \\n{\\\"p\\\":1}"))},
         "read_file({\\\"p\\\":0} \\n) read_file({\\\"p\\\":1})"},
        {{CALL(INDEX(0) BOTH("read_file", "")), CALL(INDEX(0) BOTH("write_file", ""))},
         "read_file({}) write_file({})"},
        {{CALLS("{" INDEX(0) BOTH("read_file", "") "},{" INDEX(0) BOTH("read_file", "") "}")},
         "read_file({}) read_file({})"},
    };
    EXPECT_ALL("delta", stories, TOOLS);
}

static void names_and_ids_find_their_call(void)
{
    static const struct story stories[] = {
        /* a name that is repeated in each piece */
        {{CALL(INDEX(0) ID("a") BOTH("read_file", "")), CALL(INDEX(0) ID("a") BOTH("read_file", "{")),
          CALL(INDEX(0) ID("a") BOTH("read_file", "}"))},
         "read_file#a({})"},
        /* the same id twice */
        {{CALL(INDEX(0) ID("a") BOTH("read_file", "{}")), CALL(INDEX(1) ID("a") BOTH("write_file", "{}"))},
         "read_file#a({}) write_file({})"},
        {{CALL(INDEX(0) ID("a") BOTH("read_file", "{}")), CALL(INDEX(0) ID("a") BOTH("write_file", "{}"))},
         "read_file#a({}) write_file({})"},
        /* a name in pieces */
        {{CALL(INDEX(0) ID("a") NAME("write_")), CALL(INDEX(0) NAME("file")), CALL(INDEX(0) ARGUMENTS("{}"))},
         "write_file#a({})"},
        {{CALL(INDEX(0) ID("a") BOTH("write_", "{")), CALL(INDEX(0) BOTH("file", "}"))}, "write_file#a({})"},
        {{CALL(INDEX(0) NAME("read")), CALL(INDEX(0) NAME("_file")), CALL(INDEX(0) ARGUMENTS("{}"))},
         "read_file({})"},
        {{CALL(INDEX(0) NAME("write")), CALL(INDEX(0) NAME("write_file")), CALL(INDEX(0) ARGUMENTS("{}"))},
         "write_file({})"},
        {{CALL(INDEX(0) NAME("un")), CALL(INDEX(0) NAME("known"))}, "unknown({})"},
        /* arguments before the name */
        {{CALL(INDEX(0) ID("a") ARGUMENTS("{\\\"p\\\"")), CALL(INDEX(0) ARGUMENTS(":1}")),
          CALL(INDEX(0) NAME("read_file"))},
         "read_file#a({\\\"p\\\":1})"},
        {{CALL(INDEX(0) ARGUMENTS("{}")), CALL(INDEX(1) BOTH("read", "[]")),
          CALL(INDEX(0) NAME("write_file"))},
         "read([]) write_file({})"},
        /* empty arguments that were only a beginning */
        {{CALL(INDEX(0) BOTH("read_file", "{}")), CALL(INDEX(0) ARGUMENTS("{\\\"p\\\":1}"))},
         "read_file({\\\"p\\\":1})"},
        /* nothing to call */
        {{CALL(INDEX(0) ARGUMENTS("")), CALL(INDEX(1) BOTH("read", "{}"))}, "read({})"},
        {{CALL(INDEX(0) ID("a") ARGUMENTS("{}"))}, "the provider's answer calls a function without a name"},
        /* the older API */
        {{"\"function_call\":{\"name\":\"read\",\"arguments\":\"{\"}",
          "\"function_call\":{\"arguments\":\"}\"}"},
         "read({})"},
        /* arguments as an object */
        {{CALL(INDEX(0) "\"function\":{\"name\":\"read\",\"arguments\":{\"p\":1}}")}, "read({\\\"p\\\":1})"},
    };
    EXPECT_ALL("delta", stories, TOOLS);
}

static void calls_of_a_message_are_whole(void)
{
    static const struct story stories[] = {
        {{CALLS("{" INDEX(0) BOTH("read", "{}") "},{" INDEX(0) BOTH("read_file", "{}") "}")},
         "read({}) read_file({})"},
        {{CALLS("{" ID("a") NAME("read") "},{" ID("a") NAME("read") "}")}, "read#a({}) read({})"},
        {{CALLS("{" BOTH("read", "{\\\"p\\\":1}{\\\"p\\\":2}") "}")},
         "read({\\\"p\\\":1}) read({\\\"p\\\":2})"},
    };
    EXPECT_ALL("message", stories, TOOLS);
}

static void names_are_told_apart_without_tools(void)
{
    static const struct story stories[] = {
        {{CALL(INDEX(0) NAME("rea")), CALL(INDEX(0) NAME("d")), CALL(INDEX(0) ARGUMENTS("{}"))}, "read({})"},
        {{CALL(INDEX(0) BOTH("read", "{}")), CALL(INDEX(0) BOTH("write", "{}"))}, "read({}) write({})"},
        {{CALL(INDEX(0) BOTH("read", "{}")), CALL(INDEX(0) BOTH("read", "[]"))}, "read({}) read([])"},
    };
    EXPECT_ALL("delta", stories, NULL);
}

static void the_only_tool_needs_no_name(void)
{
    static const char *const deltas[] = {CALL(INDEX(0) ID("a") ARGUMENTS("{}")), NULL};
    expect("delta", deltas, "only#a({})", "[{\"type\":\"function\",\"name\":\"only\"}]");
}

static const struct unit_test tests[] = {
    {"pieces find their call", pieces_find_their_call},
    {"names and ids find their call", names_and_ids_find_their_call},
    {"calls of a message are whole", calls_of_a_message_are_whole},
    {"names are told apart without tools", names_are_told_apart_without_tools},
    {"the only tool needs no name", the_only_tool_needs_no_name},
};

UNIT_MAIN("responses_calls", tests)
