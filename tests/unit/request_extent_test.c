/* What a request does not show of its prompt is found wherever it is, and what an answer lacks is estimated.
 */
#include "usage/request_extent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "usage/answer_estimate.h"

static struct json_value parse(const char *text)
{
    struct json_value root;
    struct json_fault fault;
    if (!json_check((struct json_value){text, strlen(text)}, JSON_DEPTH_MAX, JSON_UTF8_STRICT, &root, &fault))
        abort(); /* the test itself is wrong */
    return root;
}

static const struct {
    const char *body;
    int64_t attachments;
    bool hidden;
} references[] = {
    {"{\"messages\":[{\"role\":\"user\",\"content\":\"see http://x/y\"}]}", 0, false},
    {"{\"messages\":[{\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://x\"}},"
     "{\"type\":\"image_url\",\"image_url\":\"http://y\"}]}]}",
     2, false},
    {"{\"messages\":[{\"content\":[{\"image_\\u0075rl\":\"http://x\"}]}]}", 1, false},
    {"{\"messages\":[{\"content\":[{\"type\":\"file\",\"file\":{\"file_id\":\"f\"}}]}]}", 1, false},
    {"{\"input\":[{\"content\":[{\"type\":\"input_file\",\"file_url\":\"http://x\"},"
     "{\"type\":\"input_image\",\"file_id\":\"f\"}]}]}",
     2, false},
    {"{\"messages\":[{\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"http://"
     "x\"}}]}]}",
     1, false},
    {"{\"contents\":[{\"parts\":[{\"fileData\":{\"fileUri\":\"gs://x\"}}]}]}", 1, false},
    {"{\"messages\":[{\"content\":[{\"video_url\":{\"url\":\"http://x\"}}]}],\"extra_body\":{\"image\":"
     "\"http://x\"}}",
     2, false},
    {"{\"messages\":[],\"tools\":[{\"type\":\"function\",\"function\":{\"parameters\":{\"url\":\"x\"}}}]"
     "}",
     0, false},
    {"{\"tools\":[{\"type\":\"function\"},{\"type\":\"web_search\"}]}", 0, true},
    {"{\"tools\":[{\"type\":\"bash_20250124\"},{\"name\":\"f\",\"input_schema\":{}}]}", 0, false},
    {"{\"tools\":[{\"google_search\":{}}]}", 0, true},
    {"{\"previous_response_id\":\"r\"}", 0, true},
    {"{\"Previous_Response_Id\":\"r\"}", 0, true},
    {"{\"previous_response_id\":null,\"conversation\":\"\",\"plugins\":[]}", 0, false},
    {"{\"extra_body\":{\"web_search_options\":{\"a\":1}}}", 0, true},
    {"{\"prompt\":\"text\"}", 0, false},
    {"{\"prompt\":{\"id\":\"p\"}}", 0, true},
    {"{\"input\":[{\"type\":\"item_reference\",\"id\":\"i\"}]}", 0, true},
    /* what an empty object switches on */
    {"{\"web_search_options\":{}}", 0, true},
    {"{\"webSearchOptions\":{ }}", 0, true},
    {"{\"search_parameters\":{}}", 0, true},
    {"{\"extra_body\":{\"enable_search\":true}}", 0, true},
    {"{\"enable_search\":false,\"search_mode\":\"\",\"plugins\":[ ],\"mcp_servers\":null}", 0, false},
    {"{\"disable_search\":true}", 0, false},
    {"{\"providerOptions\":{\"perplexity\":{\"web_search_options\":{}}}}", 0, true},
    {"{\"web\\u0053earch\":1}", 0, true},
    /* tools of the provider */
    {"{\"tools\":[{\"type\":\"code_interpreter\",\"container\":{\"type\":\"auto\"}}]}", 0, true},
    {"{\"tools\":[{\"type\":\"file_search\",\"vector_store_ids\":[\"v\"]}]}", 0, true},
    {"{\"tools\":[\"web_search\"]}", 0, true},
    {"{\"enabled_tools\":[\"browser\"]}", 0, true},
    {"{\"tools\":[{\"type\":\"function\",\"Type\":\"web_search\",\"function\":{}}]}", 0, true},
    {"{\"tools\":[{\"functionDeclarations\":[],\"googleSearch\":{}}]}", 0, true},
    {"{\"tools\":[{\"functionDeclarations\":[{\"name\":\"googleSearch\"}]}]}", 0, false},
    {"{\"tools\":[{\"name\":\"f\",\"input_schema\":{},\"cache_control\":{\"type\":\"ephemeral\"}}]}", 0,
     false},
    {"{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"web_search\"}}],"
     "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"web_search\"}}}",
     0, false},
    /* what the provider has stored */
    {"{\"messages\":[{\"role\":\"assistant\",\"audio\":{\"id\":\"audio_1\"}}]}", 1, false},
    {"{\"messages\":[{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_1\","
     "\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},"
     "{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"x\"}]}",
     0, false},
    {"{\"input\":[{\"id\":\"msg_1\"}]}", 0, true},
    {"{\"input\":[{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[]}]}", 0, true},
    {"{\"input\":[{\"type\":\"reasoning\",\"id\":\"rs_1\",\"summary\":[],\"encrypted_content\":\"x\"}]}", 0,
     false},
    {"{\"input\":[{\"type\":\"image_generation_call\",\"id\":\"ig_1\",\"result\":null}]}", 0, true},
    {"{\"input\":[{\"type\":\"message\",\"id\":\"msg_1\",\"role\":\"assistant\",\"content\":[{\"type\":"
     "\"output_text\",\"text\":\"x\"}]}]}",
     0, false},
    {"{\"input\":[{\"type\":\"function_call\",\"id\":\"fc_1\",\"call_id\":\"c\",\"name\":\"f\","
     "\"arguments\":\"{}\"}]}",
     0, false},
    {"{\"messages\":[{\"content\":[{\"type\":\"image\",\"image\":\"gs://b/o\"},{\"type\":\"file\","
     "\"file\":\"file-abc\"},{\"image_id\":\"i\"},{\"document_ids\":[\"a\",\"b\"]},"
     "{\"source\":{\"type\":\"file\",\"file_id\":\"f\"}}]}]}",
     6, false},
    {"{\"messages\":[{\"content\":[{\"type\":\"document\",\"document\":\"file: see below\"},"
     "{\"data\":\"hello\"}]}]}",
     0, false},
    {"{\"metadata\":{\"id\":\"x\",\"search\":\"y\"},\"user\":\"u\",\"store\":true}", 0, false},
    {"{\"audio\":{\"voice\":\"alloy\",\"format\":\"wav\"},\"provider\":{\"order\":[\"a\"]}}", 0, false},
};

static void references_are_counted(void)
{
    for (size_t i = 0; i < sizeof references / sizeof *references; i++) {
        const char *body = references[i].body;
        struct request_extent extent = request_extent_read(parse(body), true);
        CU_ASSERT_EQUAL(extent.attachments, references[i].attachments);
        CU_ASSERT_EQUAL(extent.hidden, references[i].hidden);
        if (extent.attachments != references[i].attachments || extent.hidden != references[i].hidden)
            printf("\n%s: %lld %d\n", body, (long long)extent.attachments, extent.hidden);
        CU_ASSERT_FALSE(request_extent_read(parse(body), false).hidden);
    }
}

static void media_are_no_text(void)
{
    char body[2000], data[401];
    memset(data, 'A', 400);
    data[400] = '\0';
    snprintf(body, sizeof body,
             "{\"messages\":[{\"content\":[{\"image_url\":{\"url\":\"data:image/"
             "png;base64,%s\"}},{\"data\":\"%s\"},"
             "{\"text\":\"%s\"}]}]}",
             data, data, data);
    struct request_extent extent = request_extent_read(parse(body), true);
    CU_ASSERT_EQUAL(extent.media, 2);
    CU_ASSERT_EQUAL(extent.attachments, 0);
    CU_ASSERT_TRUE(extent.written >= 800 && extent.written <= 806);
    CU_ASSERT_TRUE(extent.media_bytes >= 600 && extent.media_bytes <= 604);
}

struct estimate {
    enum request_shape shape;
    int64_t prompt, completion, total, characters, unseen_us, completion_max;
    int64_t want_prompt, want_completion, want_total;
    enum usage_source source;
};

#define NONE TOKENS_UNKNOWN

static void what_is_missing_is_estimated(void)
{
    static const struct estimate cases[] = {
        {REQUEST_GENERATES, 7, 3, 10, 40, 0, -1, 7, 3, 10, USAGE_PROVIDER},
        {REQUEST_GENERATES, NONE, NONE, NONE, 40, 0, -1, 5, 10, 15, USAGE_ESTIMATED},
        {REQUEST_GENERATES, 0, 0, 0, 40, 0, -1, 5, 10, 15, USAGE_ESTIMATED},
        {REQUEST_GENERATES, 7, NONE, NONE, 40, 0, -1, 7, 10, 17, USAGE_ESTIMATED},
        {REQUEST_GENERATES, NONE, 3, NONE, 40, 0, -1, 5, 3, 8, USAGE_ESTIMATED},
        {REQUEST_GENERATES, 7, NONE, 12, 40, 0, -1, 7, 5, 12, USAGE_PROVIDER},
        {REQUEST_GENERATES, NONE, 3, 12, 40, 0, -1, 9, 3, 12, USAGE_PROVIDER},
        {REQUEST_GENERATES, NONE, NONE, NONE, 0, 2000000, -1, 5, 200, 205, USAGE_ESTIMATED},
        {REQUEST_GENERATES, NONE, NONE, NONE, 0, 2000000, 50, 5, 50, 55, USAGE_ESTIMATED},
        {REQUEST_GENERATES, NONE, NONE, NONE, 400, 2000000, 50, 5, 100, 105, USAGE_ESTIMATED},
        {REQUEST_READS, NONE, NONE, NONE, 40, 0, 0, 5, NONE, 5, USAGE_ESTIMATED},
        {REQUEST_READS, NONE, NONE, 9, 40, 0, 0, 9, NONE, 9, USAGE_PROVIDER},
        {REQUEST_SPEAKS, NONE, NONE, NONE, 0, 0, -1, 5, 14, 19, USAGE_ESTIMATED},
        {REQUEST_DRAWS, NONE, NONE, NONE, 0, 0, -1, 5, 6240, 6245, USAGE_ESTIMATED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct token_usage usage = token_usage_unknown();
        const struct estimate *one = &cases[i];
        usage.prompt = one->prompt;
        usage.completion = one->completion;
        usage.total = one->total;
        if (one->prompt >= 0 || one->completion >= 0 || one->total >= 0)
            usage.source = USAGE_PROVIDER;
        char request[160], bound[80] = "";
        if (one->completion_max > 0)
            snprintf(bound, sizeof bound, ",\"max_tokens\":%d,\"max_output_tokens\":%d",
                     (int)one->completion_max, (int)one->completion_max);
        snprintf(request, sizeof request,
                 "{\"messages\":[{\"content\":\"12345678\"}],\"input\":\"1234567890\"%s}", bound);
        struct answer_facts facts = {.shape = one->shape,
                                     .request = parse(request),
                                     .characters = one->characters,
                                     .unseen_us = one->unseen_us};
        answer_estimate(&usage, &facts);
        CU_ASSERT_EQUAL(usage.prompt, one->want_prompt);
        CU_ASSERT_EQUAL(usage.completion, one->want_completion);
        CU_ASSERT_EQUAL(usage.total, one->want_total);
        CU_ASSERT_EQUAL(usage.source, one->source);
    }
}

static void the_text_of_any_answer_is_found(void)
{
    CU_ASSERT_EQUAL(
        answer_characters(parse("{\"choices\":[{\"message\":{\"content\":\"1234\"}},{\"text\":\"5\"}]}")), 5);
    CU_ASSERT_EQUAL(answer_characters(parse("{\"output\":[{\"content\":[{\"text\":\"1234\"}]},"
                                            "{\"summary\":[{\"text\":\"56\"}]}]}")),
                    6);
    CU_ASSERT_EQUAL(answer_characters(parse("{\"content\":[{\"type\":\"text\",\"text\":\"1234\"}]}")), 4);
    CU_ASSERT_EQUAL(
        answer_characters(parse("{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"1234\"}]}}]}")), 4);
    CU_ASSERT_EQUAL(answer_characters(parse("{\"text\":\"1234\"}")), 4);
    CU_ASSERT_EQUAL(answer_characters(parse("{\"data\":[{\"embedding\":[1,2]}]}")), 0);
}

static const struct unit_test tests[] = {
    {"references are counted", references_are_counted},
    {"media are no text", media_are_no_text},
    {"what is missing is estimated", what_is_missing_is_estimated},
    {"the text of any answer is found", the_text_of_any_answer_is_found},
};

UNIT_MAIN("request_extent", tests)
