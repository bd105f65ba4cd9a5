/* A stream is complete only if its provider has ended it. */
#include "protocol/stream.h"

#include <stdio.h>
#include <string.h>

#include "format/sse.h"
#include "unit.h"

static struct stream stream;

static enum stream_verdict look(const char *data)
{
    struct sse_event event = {.data = data, .data_length = strlen(data)};
    return stream_look(&stream, &event);
}

#define CHOICE(index, delta, reason)                                                                         \
    "{\"id\":\"c1\",\"choices\":[{\"index\":" index ",\"delta\":{" delta "},\"finish_reason\":" reason "}]}"

static void every_choice_must_finish(void)
{
    stream_open(&stream, false, 1);
    CU_ASSERT_FALSE(stream_is_complete(&stream));
    CU_ASSERT_EQUAL(look(CHOICE("0", "\"content\":\"a\"", "null")), STREAM_PASS);
    CU_ASSERT_EQUAL(look(CHOICE("1", "\"content\":\"b\"", "null")), STREAM_PASS);
    CU_ASSERT_EQUAL(look(CHOICE("0", "", "\"stop\"")), STREAM_PASS);
    CU_ASSERT_FALSE(stream_is_complete(&stream));
    CU_ASSERT_EQUAL(look(CHOICE("1", "", "\"length\"")), STREAM_PASS);
    CU_ASSERT_TRUE(stream_is_complete(&stream));
    CU_ASSERT_STRING_EQUAL(stream.id, "\"c1\"");
}

static void every_requested_choice_must_come(void)
{
    stream_open(&stream, false, 2);
    look(CHOICE("0", "", "\"stop\""));
    CU_ASSERT_FALSE(stream_is_complete(&stream));
    look(CHOICE("1", "\"content\":\"b\"", "\"stop\""));
    CU_ASSERT_TRUE(stream_is_complete(&stream));
    CU_ASSERT_TRUE(stream_finish_is_doubtful(&stream));
    look(CHOICE("1", "", "\"stop\""));
    CU_ASSERT_FALSE(stream_finish_is_doubtful(&stream));
}

static void content_takes_a_finish_back(void)
{
    static const char *const contents[] = {"\"content\":\"x\"", "\"reasoning\":\"x\"",
                                           "\"tool_calls\":[{\"index\":0}]", "\"audio\":{\"data\":\"AA\"}"};
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        char frame[256];
        snprintf(frame, sizeof frame, CHOICE("0", "%s", "null"), contents[i]);
        stream_open(&stream, false, 1);
        look(frame);
        look(CHOICE("0", "\"content\":\"\"", "\"stop\""));
        look(CHOICE("0", "\"role\":\"assistant\",\"content\":\"\"", "null"));
        CU_ASSERT_TRUE(stream_is_complete(&stream));
        look(frame);
        CU_ASSERT_FALSE(stream_is_complete(&stream));
    }
}

static void words_that_are_no_end_finish_nothing(void)
{
    static const struct {
        const char *word;
        bool ends;
    } cases[] = {
        {"null", false},
        {"\"\"", false},
        {"\" \"", false},
        {"\"NULL\"", false},
        {"\"None\"", false},
        {"\"in_progress\"", false},
        {"\"InProgress\"", false},
        {"\"not_finished\"", false},
        {"\"undefined\"", false},
        {"0", false},
        {"false", false},
        {"\"stop\"", true},
        {"\"STOP\"", true},
        {"\"eos\"", true},
        {"\"COMPLETE\"", true},
        {"\"max_tokens\"", true},
        {"\"\u505c\u6b62\"", true},
        {"\"nonetheless\"", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char frame[256];
        snprintf(frame, sizeof frame, CHOICE("0", "", "%s"), cases[i].word);
        stream_open(&stream, false, 1);
        look(frame);
        CU_ASSERT_EQUAL(stream_is_complete(&stream), cases[i].ends);
    }
}

static void done_is_an_end(void)
{
    static const struct {
        const char *data;
        enum stream_verdict verdict;
    } cases[] = {
        {"[DONE]", STREAM_PASS},    {"[DONE] ", STREAM_PASS},  {"[DONE]\t", STREAM_PASS},
        {"[done]", STREAM_STRIP},   {" [DONE]", STREAM_STRIP}, {"\"[DONE]\"", STREAM_STRIP},
        {"[ Done ]", STREAM_STRIP},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stream_open(&stream, false, 1);
        CU_ASSERT_EQUAL(look(cases[i].data), cases[i].verdict);
        CU_ASSERT_TRUE(stream_is_complete(&stream));
        CU_ASSERT_EQUAL(stream.done_passed, cases[i].verdict == STREAM_PASS);
        CU_ASSERT_FALSE(stream.answered);
    }
    stream_open(&stream, false, 1);
    CU_ASSERT_EQUAL(look("[UNDONE]"), STREAM_BROKEN);
    CU_ASSERT_FALSE(stream_is_complete(&stream));
}

static bool is_complete_after(int64_t choices, const char *const *frames)
{
    stream_open(&stream, false, choices);
    for (; *frames; frames++)
        look(*frames);
    return stream_is_complete(&stream);
}

static void done_leaves_nothing_open(void)
{
    static const struct {
        const char *frames[6];
        bool complete;
    } cases[] = {
        /* a provider that sends no finish_reason at all, or ignores the number of choices */
        {{CHOICE("0", "\"content\":\"a\"", "null"), CHOICE("1", "\"content\":\"b\"", "null"), "[DONE]"},
         true},
        {{CHOICE("0", "\"content\":\"a\"", "\"stop\""), "[DONE]"}, true},
        {{CHOICE("0", "\"content\":\"a\"", "null"), "{\"choices\":[],\"usage\":{\"prompt_tokens\":3}}",
          "[DONE]"},
         true},
        /* a choice that began beside a finished one */
        {{CHOICE("0", "\"content\":\"a\"", "null"), CHOICE("1", "\"content\":\"b\"", "null"),
          CHOICE("0", "", "\"stop\""), "[DONE]"},
         false},
        {{CHOICE("0", "\"content\":\"a\"", "\"stop\""), CHOICE("1", "\"role\":\"assistant\"", "null"),
          "[done]"},
         false},
        {{CHOICE("0", "", "\"stop\""), CHOICE("1", "", "\"stop\""), CHOICE("1", "\"content\":\"b\"", "null"),
          "[DONE]"},
         false},
        {{"{\"choices\":[{\"index\":0,\"text\":\"a\",\"finish_reason\":\"stop\"}]}",
          "{\"choices\":[{\"index\":1,\"text\":\"b\",\"finish_reason\":null}]}", "[DONE]"},
         false},
        /* a response ends by an event of its own; an item that is left open ends with it */
        {{"{\"type\":\"response.created\",\"response\":{}}",
          "{\"type\":\"response.output_text.delta\",\"delta\":\"a\"}", "[DONE]"},
         false},
        {{"{\"type\":\"response.created\",\"response\":{}}",
          "{\"type\":\"response.output_item.added\",\"item\":{}}",
          "{\"type\":\"response.completed\",\"response\":{}}", "[DONE]"},
         true},
        {{"{\"type\":\"response.created\",\"response\":{}}",
          "{\"type\":\"response.incomplete\",\"response\":{}}"},
         true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_EQUAL(is_complete_after(2, cases[i].frames), cases[i].complete);
}

static void a_count_before_the_content_does_not_count_it(void)
{
    stream_open(&stream, false, 1);
    look("{\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1}}");
    CU_ASSERT_TRUE(stream.usage_came);
    look(CHOICE("0", "\"content\":\"12345678\"", "null"));
    CU_ASSERT_FALSE(stream.usage_came);
    struct token_usage usage = stream_usage(&stream);
    CU_ASSERT_TRUE(usage.prompt == 9 && usage.completion == 3 && usage.total == 12);
    CU_ASSERT_EQUAL(usage.source, USAGE_ESTIMATED);
    look("{\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":7}}");
    usage = stream_usage(&stream);
    CU_ASSERT_TRUE(usage.completion == 7 && usage.source == USAGE_PROVIDER);
    look("{\"choices\":[],\"usage\":{\"prompt_tokens\":0,\"completion_tokens\":0,\"total_tokens\":0}}");
    usage = stream_usage(&stream);
    CU_ASSERT_TRUE(usage.completion == 7 && usage.total == 16);
}

/* OpenRouter ends a stream with a frame that has an error and the usage. */
static void a_count_beside_an_error_counts_the_content(void)
{
    stream_open(&stream, false, 1);
    look(CHOICE("0", "\"reasoning\":\"12345678\"", "null"));
    CU_ASSERT_EQUAL(look("{\"error\":{\"code\":400,\"message\":\"limit\"},\"choices\":[],"
                         "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1}}"),
                    STREAM_ERROR);
    struct token_usage usage = stream_usage(&stream);
    CU_ASSERT_TRUE(usage.completion == 1 && usage.source == USAGE_PROVIDER);
    stream_open(&stream, false, 1);
    look(CHOICE("0", "\"content\":\"12345678\"", "null"));
    CU_ASSERT_EQUAL(look("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"error\"}],"
                         "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":1}}"),
                    STREAM_ERROR);
    CU_ASSERT_EQUAL(stream_usage(&stream).completion, 1);
}

static void content_is_distinguished_from_empty_frames(void)
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
        {CHOICE("0", "\"unknown_member\":[1]", "null"), true},
        {"{\"choices\":[{\"index\":0,\"text\":\"\"}]}", false},
        {"{\"choices\":[{\"index\":0,\"text\":\"x\"}]}", true},
        {"{\"type\":\"response.created\",\"response\":{}}", false},
        {"{\"type\":\"response.output_item.added\",\"item\":{}}", false},
        {"{\"type\":\"response.web_search_call.searching\"}", true},
        {"{\"type\":\"response.output_text.delta\",\"delta\":\"x\"}", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stream_open(&stream, false, 1);
        look(cases[i].frame);
        CU_ASSERT_EQUAL(stream.content, cases[i].content);
    }
}

static void usage_is_stripped_only_if_we_requested_it_and_it_is_alone(void)
{
    static const char alone[] = "{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":4}}";
    static const char beside[] = "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
                                 "\"usage\":{\"prompt_tokens\":3}}";
    static const char null[] = "{\"choices\":[],\"usage\":null}";
    stream_open(&stream, true, 1);
    CU_ASSERT_EQUAL(look(null), STREAM_PASS);
    CU_ASSERT_EQUAL(look(beside), STREAM_PASS);
    CU_ASSERT_EQUAL(look(alone), STREAM_STRIP);
    CU_ASSERT_EQUAL(stream.usage.total, 7);
    CU_ASSERT_EQUAL(stream.usage.cached, TOKENS_UNKNOWN);
    stream_open(&stream, false, 1);
    CU_ASSERT_EQUAL(look(alone), STREAM_PASS);
}

static void usage_within_a_choice_is_read(void)
{
    stream_open(&stream, true, 1);
    CU_ASSERT_EQUAL(look("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\","
                         "\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":2}}]}"),
                    STREAM_PASS);
    CU_ASSERT_EQUAL(stream.usage.total, 6);
}

static void an_event_of_a_response_is_not_stripped(void)
{
    stream_open(&stream, true, 1);
    CU_ASSERT_EQUAL(look("{\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":4,"
                         "\"output_tokens\":2}}}"),
                    STREAM_PASS);
    CU_ASSERT_EQUAL(stream.usage.total, 6);
}

static void characters_are_counted_over_all_frames(void)
{
    stream_open(&stream, false, 1);
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

static void errors_are_found(void)
{
    struct sse_event named = {.data = "{\"message\":\"x\"}", .data_length = 15, .name = "error"};
    stream_open(&stream, false, 1);
    CU_ASSERT_EQUAL(look("{\"error\":{\"message\":\"x\"}}"), STREAM_ERROR);
    CU_ASSERT_EQUAL(look("{\"error\":\"x\"}"), STREAM_ERROR);
    CU_ASSERT_EQUAL(stream_look(&stream, &named), STREAM_ERROR);
    struct sse_event stray = {.raw = "{\"error\":{\"message\":\"x\"}}\n\n", .raw_length = 27};
    CU_ASSERT_EQUAL(stream_look(&stream, &stray), STREAM_ERROR);
    CU_ASSERT_EQUAL(look(CHOICE("0", "", "\"error\"")), STREAM_ERROR);
    CU_ASSERT_EQUAL(look("{\"choices\":[{\"index\":0,\"delta\":{},\"error\":{\"code\":429}}]}"),
                    STREAM_ERROR);
    CU_ASSERT_EQUAL(look("{\"choices\":[{\"index\":0,\"delta\":{},\"error\":{}}]}"), STREAM_PASS);
    CU_ASSERT_EQUAL(look("[{\"error\":{\"code\":503}}]"), STREAM_ERROR);
    CU_ASSERT_EQUAL(look("[]"), STREAM_PASS);
    struct sse_event array = {.raw = "[{\"error\":{\"code\":503}}]\n\n", .raw_length = 26};
    CU_ASSERT_EQUAL(stream_look(&stream, &array), STREAM_ERROR);
    CU_ASSERT_EQUAL(look("{\"error\":null,\"choices\":[]}"), STREAM_PASS);
    CU_ASSERT_EQUAL(look("{\"error\":"), STREAM_BROKEN);
    CU_ASSERT_EQUAL(look(""), STREAM_PASS);
    CU_ASSERT_EQUAL(look("ping"), STREAM_NOISE);
    CU_ASSERT_FALSE(stream_is_complete(&stream));
}

static void absurd_indices_are_ignored(void)
{
    stream_open(&stream, false, 1);
    CU_ASSERT_EQUAL(look(CHOICE("-1", "", "\"stop\"")), STREAM_PASS);
    CU_ASSERT_EQUAL(look(CHOICE("128", "", "\"stop\"")), STREAM_PASS);
    CU_ASSERT_FALSE(stream_is_complete(&stream));
    CU_ASSERT_EQUAL(look(CHOICE("127", "", "\"stop\"")), STREAM_PASS);
    CU_ASSERT_TRUE(stream_is_complete(&stream));
}

/* Feeds the same frame to a stream that has a template of it and to one that parses it. */
static void look_both_ways(const char *before, const char *data, size_t length)
{
    struct sse_event event = {.data = data, .data_length = length};
    struct stream close;
    stream_open(&stream, false, 1);
    CU_ASSERT_EQUAL(look(before), STREAM_PASS);
    CU_ASSERT_TRUE(stream.template.before > 0);
    close = stream;
    close.template.before = 0;
    enum stream_verdict verdict = stream_look(&close, &event);
    CU_ASSERT_EQUAL(stream_look(&stream, &event), verdict);
    CU_ASSERT_EQUAL(stream.characters, close.characters);
    CU_ASSERT_EQUAL(stream.content, close.content);
    CU_ASSERT_EQUAL(stream_is_complete(&stream), stream_is_complete(&close));
    CU_ASSERT_EQUAL(memcmp(&stream.seen, &close.seen, sizeof stream.seen), 0);
    CU_ASSERT_EQUAL(memcmp(&stream.finished, &close.finished, sizeof stream.finished), 0);
    CU_ASSERT_EQUAL(stream_finish_is_doubtful(&stream), stream_finish_is_doubtful(&close));
    CU_ASSERT_EQUAL(stream.counted, close.counted);
    CU_ASSERT_EQUAL(stream.usage_came, close.usage_came);
    CU_ASSERT_EQUAL(memcmp(&stream.usage, &close.usage, sizeof stream.usage), 0);
}

/* Changes, removes and adds each byte of a frame. */
static void spoil_each_byte(const char *before, const char *frame)
{
    static const char others[] = "\"\\{}[]:,x0u -\n\x80";
    char spoilt[512];
    size_t length = strlen(frame);
    for (size_t at = 0; at < length; at++)
        for (size_t i = 0; i < sizeof others; i++) { /* the NUL too */
            memcpy(spoilt, frame, length);
            spoilt[at] = others[i];
            look_both_ways(before, spoilt, length);
            memcpy(spoilt + at + 1, frame + at, length - at);
            look_both_ways(before, spoilt, length + 1);
            memcpy(spoilt + at, frame + at + 1, length - at - 1);
            look_both_ways(before, spoilt, length - 1);
        }
}

static void a_frame_like_the_last_one_is_read_like_any_other(void)
{
    static const char *const frames[][2] = {
        {CHOICE("0", "\"content\":\"abc\"", "null"), CHOICE("0", "\"content\":\"d\\u00e9\\\"f\"", "null")},
        {CHOICE("0", "\"content\":\"abc\"", "null"), CHOICE("0", "\"content\": \"\" ", "null")},
        {CHOICE("0", "\"content\":\"abc\"", "\"stop\""), CHOICE("0", "\"content\":null", "\"stop\"")},
        {CHOICE("0", "\"reasoning\":\"b\",\"reasoning_content\":\"a\"", "null"),
         CHOICE("0", "\"reasoning\":\"b\",\"reasoning_content\":\"\"", "null")},
        {"{\"choices\":[{\"index\":0,\"text\":\"ab\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":"
         "1}}",
         "{\"choices\":[{\"index\":0,\"text\":\"cd\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":"
         "1}}"},
        {"{\"type\":\"response.output_text.delta\",\"delta\":\"hij\"}",
         "{\"type\":\"response.output_text.delta\",\"delta\":\"k\"}"},
    };
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        spoil_each_byte(frames[i][0], frames[i][1]);
}

static void only_a_frame_with_one_string_of_content_is_remembered(void)
{
    static const char *const frames[] = {
        CHOICE("0", "\"content\":\"\"", "null"),
        CHOICE("0", "\"content\":\"a\",\"refusal\":\"b\"", "null"),
        CHOICE("0", "\"tool_calls\":[{\"function\":{\"arguments\":\"{}\"}}]", "null"),
        CHOICE("0", "", "\"stop\""),
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":3}}",
    };
    stream_open(&stream, false, 1);
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        look(CHOICE("0", "\"content\":\"abc\"", "null"));
        CU_ASSERT_TRUE(stream.template.before > 0);
        look(frames[i]);
        CU_ASSERT_EQUAL(stream.template.before, 0);
    }
}

static const struct unit_test tests[] = {
    {"every choice must finish", every_choice_must_finish},
    {"every requested choice must come", every_requested_choice_must_come},
    {"content takes a finish back", content_takes_a_finish_back},
    {"words that are no end finish nothing", words_that_are_no_end_finish_nothing},
    {"[DONE] is an end", done_is_an_end},
    {"[DONE] leaves nothing open", done_leaves_nothing_open},
    {"a count before the content does not count it", a_count_before_the_content_does_not_count_it},
    {"content is distinguished from empty frames", content_is_distinguished_from_empty_frames},
    {"usage is stripped only if we requested it and it is alone",
     usage_is_stripped_only_if_we_requested_it_and_it_is_alone},
    {"a count beside an error counts the content", a_count_beside_an_error_counts_the_content},
    {"usage within a choice is read", usage_within_a_choice_is_read},
    {"an event of a response is not stripped", an_event_of_a_response_is_not_stripped},
    {"characters are counted over all frames", characters_are_counted_over_all_frames},
    {"errors are found", errors_are_found},
    {"absurd indices are ignored", absurd_indices_are_ignored},
    {"a frame like the last one is read like any other", a_frame_like_the_last_one_is_read_like_any_other},
    {"only a frame with one string of content is remembered",
     only_a_frame_with_one_string_of_content_is_remembered},
};

UNIT_MAIN("stream", tests)
