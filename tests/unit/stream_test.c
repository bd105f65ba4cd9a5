/* A stream is complete only when its provider said so. */
#include "stream.h"

#include <string.h>

#include "sse.h"
#include "unit.h"

static struct stream stream;

static enum stream_verdict look(const char *data)
{
    struct sse_event event = {.data = data, .data_length = strlen(data)};
    return stream_look(&stream, &event);
}

#define CHOICE(index, delta, reason)                                                                         \
    "{\"id\":\"c1\",\"choices\":[{\"index\":" index ",\"delta\":{" delta "},\"finish_reason\":" reason "}]}"

static void every_choice_seen_has_to_finish(void)
{
    stream_open(&stream, false);
    CU_ASSERT_FALSE(stream_is_complete(&stream));
    CU_ASSERT_EQUAL(look(CHOICE("0", "\"content\":\"a\"", "null")), STREAM_PASS);
    CU_ASSERT_EQUAL(look(CHOICE("1", "\"content\":\"b\"", "null")), STREAM_PASS);
    CU_ASSERT_EQUAL(look(CHOICE("0", "", "\"stop\"")), STREAM_PASS);
    CU_ASSERT_FALSE(stream_is_complete(&stream));
    CU_ASSERT_EQUAL(look(CHOICE("1", "", "\"length\"")), STREAM_PASS);
    CU_ASSERT_TRUE(stream_is_complete(&stream));
    CU_ASSERT_STRING_EQUAL(stream.id, "\"c1\"");
}

static void done_is_an_end(void)
{
    stream_open(&stream, false);
    CU_ASSERT_EQUAL(look("[DONE]"), STREAM_PASS);
    CU_ASSERT_TRUE(stream_is_complete(&stream));
}

static void content_is_told_from_silence(void)
{
    static const struct {
        const char *frame;
        bool content;
    } cases[] = {
        {CHOICE("0", "\"role\":\"assistant\",\"content\":\"\"", "null"), false},
        {CHOICE("0", "\"content\":null", "null"), false},
        {CHOICE("0", "\"reasoning_content\":\"hm\"", "null"), true},
        {CHOICE("0", "\"tool_calls\":[{\"index\":0}]", "null"), true},
        {CHOICE("0", "\"content\":\"x\"", "null"), true},
        {CHOICE("0", "\"role\":\"assistant\",\"audio\":{\"data\":\"AA==\"}", "null"), true},
        {CHOICE("0", "\"nobody_knows\":[1]", "null"), true},
        {"{\"choices\":[{\"index\":0,\"text\":\"\"}]}", false},
        {"{\"choices\":[{\"index\":0,\"text\":\"x\"}]}", true},
        {"{\"type\":\"response.created\",\"response\":{}}", false},
        {"{\"type\":\"response.output_item.added\",\"item\":{}}", false},
        {"{\"type\":\"response.web_search_call.searching\"}", true},
        {"{\"type\":\"response.output_text.delta\",\"delta\":\"x\"}", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stream_open(&stream, false);
        look(cases[i].frame);
        CU_ASSERT_EQUAL(stream.content, cases[i].content);
    }
}

static void usage_is_stripped_only_when_ours_and_alone(void)
{
    static const char alone[] = "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}";
    static const char beside[] = "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
                                 "\"usage\":{\"prompt_tokens\":3}}";
    static const char null[] = "{\"choices\":[],\"usage\":null}";
    stream_open(&stream, true);
    CU_ASSERT_EQUAL(look(null), STREAM_PASS);
    CU_ASSERT_EQUAL(look(beside), STREAM_PASS);
    CU_ASSERT_EQUAL(look(alone), STREAM_STRIP);
    CU_ASSERT_EQUAL(stream.usage.total, 7);
    CU_ASSERT_EQUAL(stream.usage.cached, TOKENS_UNKNOWN);
    stream_open(&stream, false);
    CU_ASSERT_EQUAL(look(alone), STREAM_PASS);
}

static void usage_within_a_choice_is_read(void)
{
    stream_open(&stream, true);
    CU_ASSERT_EQUAL(look("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\","
                         "\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":2}}]}"),
                    STREAM_PASS);
    CU_ASSERT_EQUAL(stream.usage.total, 6);
}

static void an_event_of_a_response_is_not_stripped(void)
{
    stream_open(&stream, true);
    CU_ASSERT_EQUAL(look("{\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":4,"
                         "\"output_tokens\":2}}}"),
                    STREAM_PASS);
    CU_ASSERT_EQUAL(stream.usage.total, 6);
}

static void characters_are_counted_over_all_frames(void)
{
    stream_open(&stream, false);
    look(CHOICE("0", "\"role\":\"assistant\",\"content\":\"\"", "null"));
    CU_ASSERT_EQUAL(stream.characters, 0);
    look(CHOICE("0", "\"content\":\"abc\"", "null"));
    look(CHOICE("1", "\"refusal\":\"de\"", "null"));
    CU_ASSERT_EQUAL(stream.characters, 5);
    look(CHOICE("0", "\"reasoning\":\"same\",\"reasoning_content\":\"same\"", "null"));
    CU_ASSERT_EQUAL(stream.characters, 9);
    look("{\"choices\":[{\"index\":0,\"text\":\"fg\",\"finish_reason\":null}]}");
    CU_ASSERT_EQUAL(stream.characters, 11);
    look("{\"type\":\"response.output_text.delta\",\"delta\":\"hij\"}");
    CU_ASSERT_EQUAL(stream.characters, 14);
}

static void errors_are_seen(void)
{
    struct sse_event named = {.data = "{\"message\":\"x\"}", .data_length = 15, .name = "error"};
    stream_open(&stream, false);
    CU_ASSERT_EQUAL(look("{\"error\":{\"message\":\"x\"}}"), STREAM_ERROR);
    CU_ASSERT_EQUAL(look("{\"error\":\"x\"}"), STREAM_ERROR);
    CU_ASSERT_EQUAL(stream_look(&stream, &named), STREAM_ERROR);
    struct sse_event stray = {.raw = "{\"error\":{\"message\":\"x\"}}\n\n", .raw_length = 27};
    CU_ASSERT_EQUAL(stream_look(&stream, &stray), STREAM_ERROR);
    CU_ASSERT_EQUAL(look(CHOICE("0", "", "\"error\"")), STREAM_ERROR);
    CU_ASSERT_EQUAL(look("{\"error\":null,\"choices\":[]}"), STREAM_PASS);
    CU_ASSERT_EQUAL(look("{\"error\":"), STREAM_BROKEN);
    CU_ASSERT_EQUAL(look(""), STREAM_PASS);
    CU_ASSERT_EQUAL(look("ping"), STREAM_PASS);
    CU_ASSERT_FALSE(stream_is_complete(&stream));
}

static void indices_beyond_reason_are_ignored(void)
{
    stream_open(&stream, false);
    CU_ASSERT_EQUAL(look(CHOICE("-1", "", "\"stop\"")), STREAM_PASS);
    CU_ASSERT_EQUAL(look(CHOICE("128", "", "\"stop\"")), STREAM_PASS);
    CU_ASSERT_FALSE(stream_is_complete(&stream));
    CU_ASSERT_EQUAL(look(CHOICE("127", "", "\"stop\"")), STREAM_PASS);
    CU_ASSERT_TRUE(stream_is_complete(&stream));
}

static const struct unit_test tests[] = {
    {"every choice seen has to finish", every_choice_seen_has_to_finish},
    {"[DONE] is an end", done_is_an_end},
    {"content is told from silence", content_is_told_from_silence},
    {"usage is stripped only when ours and alone", usage_is_stripped_only_when_ours_and_alone},
    {"usage within a choice is read", usage_within_a_choice_is_read},
    {"an event of a response is not stripped", an_event_of_a_response_is_not_stripped},
    {"characters are counted over all frames", characters_are_counted_over_all_frames},
    {"errors are seen", errors_are_seen},
    {"indices beyond reason are ignored", indices_beyond_reason_are_ignored},
};

UNIT_MAIN("stream", tests)
