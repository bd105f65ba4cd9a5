/* Clients of all dialects at a provider that speaks Gemini's generateContent. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "conversion_kit.h"
#include "unit.h"

#define USER "{\"role\":\"user\",\"content\":\"hi\"}"
#define USER_CONTENT "{\"role\":\"user\",\"parts\":[{\"text\":\"hi\"}]}"

static void expect_from(enum api client, const char *model, const char *request, const char *wanted)
{
    struct pair pair = pair_open(client, API_GEMINI);
    pair.facts.model = model;
    const char *got = pair_request(&pair, request);
    if (!got || strcmp(got, wanted) != 0)
        printf("\n  asked  %s\n  wanted %s\n  got    %s\n", request, wanted, got ? got : pair.why.message);
    CU_ASSERT_STRING_EQUAL(got ? got : "", wanted);
    pair_close(&pair);
}

static void expect_contents(const char *messages, const char *contents)
{
    char request[8192], gemini[8192];
    snprintf(request, sizeof request, "{\"messages\":[%s]}", messages);
    snprintf(gemini, sizeof gemini, "{\"contents\":[%s],\"generationConfig\":{}}", contents);
    expect_from(API_CHAT, "gemini-3-pro-preview", request, gemini);
}

static void expect_config(const char *model, const char *members, const char *config)
{
    char request[8192], gemini[8192];
    snprintf(request, sizeof request, "{%s,\"messages\":[" USER "]}", members);
    snprintf(gemini, sizeof gemini, "{\"contents\":[" USER_CONTENT "],\"generationConfig\":{%s}}", config);
    expect_from(API_CHAT, model, request, gemini);
}

#define CALL(id, more)                                                                                       \
    "{\"id\":\"" id "\",\"type\":\"function\"" more                                                          \
    ",\"function\":{\"name\":\"w\",\"arguments\":\"{\\\"a\\\":1}\"}}"
#define CALLS(calls) "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[" calls "]}"
#define TOOL(id) "{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"content\":\"r\"}"
#define PART(id, more) "{\"functionCall\":{\"id\":\"" id "\",\"name\":\"w\",\"args\":{\"a\":1}}" more "}"
#define RESULT(id) "{\"functionResponse\":{\"id\":\"" id "\",\"name\":\"w\",\"response\":{\"result\":\"r\"}}}"
#define SIGNED(signature) ",\"extra_content\":{\"google\":{\"thought_signature\":\"" signature "\"}}"
#define SIGNATURE(signature) ",\"thoughtSignature\":\"" signature "\""
#define PLACEHOLDER SIGNATURE("skip_thought_signature_validator")

static void calls_and_results_are_one_content_each(void)
{
    expect_contents(USER "," CALLS(CALL("a", SIGNED("QUJD")) "," CALL("b", "")) "," TOOL("a") "," TOOL("b"),
                    USER_CONTENT ",{\"role\":\"model\",\"parts\":[" PART("a", SIGNATURE("QUJD")) "," PART(
                        "b", "") "]},{\"role\":\"user\",\"parts\":[" RESULT("a") "," RESULT("b") "]}");
    expect_contents(
        CALLS(CALL("a", "")) "," TOOL("a"),
        "{\"role\":\"user\",\"parts\":[{\"text\":\"Continue.\"}]},{\"role\":\"model\",\"parts\":[" PART(
            "a", PLACEHOLDER) "]},{\"role\":\"user\",\"parts\":[" RESULT("a") "]}");
    expect_from(API_CHAT, "gemini-2.5-flash", "{\"messages\":[" USER "," CALLS(CALL("a", "")) "]}",
                "{\"contents\":[" USER_CONTENT
                ",{\"role\":\"model\",\"parts\":[" PART("a", "") "]}],\"generationConfig\":{}}");
}

static void parts_without_content_are_left_out(void)
{
    expect_contents(USER ",{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"\"}]}," USER,
                    USER_CONTENT "," USER_CONTENT);
    expect_request(API_RESPONSES, API_GEMINI,
                   "{\"instructions\":\"i\",\"input\":[" USER
                   ",{\"type\":\"reasoning\",\"encrypted_content\":\"gAAA\"},{\"type\":"
                   "\"function_call\",\"call_id\":\"a\",\"name\":\"w\",\"arguments\":\"{\\\"a\\\":1}\"}]}",
                   "{\"systemInstruction\":{\"parts\":[{\"text\":\"i\"}]},\"contents\":[" USER_CONTENT
                   ",{\"role\":\"model\",\"parts\":[" PART("a", PLACEHOLDER) "]}],\"generationConfig\":{}}");
}

static void media(void)
{
    expect_contents(
        "{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
        "\"data:image/jpg;base64,AAAA\"}},{\"type\":\"image_url\",\"image_url\":{\"url\":\"gs://b/p.png\"}},{"
        "\"type\":\"input_audio\",\"input_audio\":{\"data\":\"BBBB\",\"format\":\"mp3\"}}]}",
        "{\"role\":\"user\",\"parts\":[{\"inlineData\":{\"mimeType\":\"image/jpeg\",\"data\":\"AAAA\"}},{"
        "\"fileData\":{\"fileUri\":\"gs://b/p.png\"}},{\"inlineData\":{\"mimeType\":\"audio/mp3\",\"data\":"
        "\"BBBB\"}}]}");
    expect_request_refused(
        API_CHAT, API_GEMINI,
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
        "\"https://h.example/p.png\"}}]}]}",
        "messages[0]");
    expect_from(
        API_MESSAGES, "gemini-2.5-pro",
        "{\"messages\":[{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"a\",\"name\":"
        "\"w\","
        "\"input\":{\"a\":1}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":"
        "\"a\","
        "\"is_error\":true,\"content\":[{\"type\":\"text\",\"text\":\"no\"},{\"type\":\"image\",\"source\":{"
        "\"type\":"
        "\"base64\",\"media_type\":\"image/png\",\"data\":\"AAAA\"}}]}]}]}",
        "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Continue.\"}]},{\"role\":\"model\","
        "\"parts\":[" PART(
            "a", "") "]},{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"id\":\"a\",\"name\":\"w\","
                     "\"response\":{"
                     "\"error\":\"no\"}}},{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"AAAA\"}}]}],"
                     "\"generationConfig\":{}}");
}

#define SCHEMA                                                                                               \
    "{\"$schema\":\"s\",\"type\":\"object\",\"properties\":{\"pattern\":{\"type\":[\"string\",\"null\"],"    \
    "\"pattern\":"                                                                                           \
    "\"^a\",\"default\":{\"pattern\":1}}},\"required\":[\"pattern\"],\"additionalProperties\":false}"
#define TOOLS "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"w\",\"parameters\":" SCHEMA "}}]"

static void schemas_are_what_the_model_takes(void)
{
    expect_from(
        API_CHAT, "gemini-2.5-flash", "{" TOOLS ",\"tool_choice\":\"required\",\"messages\":[" USER "]}",
        "{\"contents\":[" USER_CONTENT "],\"tools\":[{\"functionDeclarations\":[{\"name\":\"w\","
        "\"parametersJsonSchema\":{\"type\":\"object\",\"properties\":{\"pattern\":{\"type\":[\"string\","
        "\"null\"],"
        "\"pattern\":\"^a\",\"default\":{\"pattern\":1}}},\"required\":[\"pattern\"],"
        "\"additionalProperties\":"
        "false}}]}],\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"ANY\"}},\"generationConfig\":{}}");
    expect_from(
        API_CHAT, "gemini-2.0-flash",
        "{" TOOLS ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"w\"}},\"messages\":[" USER
        "]}",
        "{\"contents\":[" USER_CONTENT
        "],\"tools\":[{\"functionDeclarations\":[{\"name\":\"w\",\"parameters\":{"
        "\"type\":\"object\",\"properties\":{\"pattern\":{\"type\":\"string\",\"nullable\":true,\"default\":{"
        "\"pattern\":1},\"description\":\"(pattern "
        "\\\"^a\\\")\"}},\"required\":[\"pattern\"]}}]}],\"toolConfig\":{"
        "\"functionCallingConfig\":{\"mode\":\"ANY\",\"allowedFunctionNames\":[\"w\"]}},\"generationConfig\":"
        "{}}");
}

static void members_find_their_places(void)
{
    expect_config("gemini-3-flash-preview",
                  "\"model\":\"m\",\"stream\":true,\"max_tokens\":5,\"temperature\":2,\"top_p\":0.5,\"stop\":"
                  "[\"x\"],\"seed\":1,"
                  "\"presence_penalty\":0.5,\"user\":\"u\",\"parallel_tool_calls\":false",
                  "\"maxOutputTokens\":5,\"temperature\":2,\"topP\":0.5,\"seed\":1,\"presencePenalty\":0.5,"
                  "\"stopSequences\":["
                  "\"x\"]");
    expect_config("gemini-3-flash-preview",
                  "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{"
                  "\"$schema\":\"s\",\"type\":\"object\"}}}",
                  "\"responseMimeType\":\"application/json\",\"responseJsonSchema\":{\"type\":\"object\"}");
    expect_request_refused(API_CHAT, API_GEMINI, "{\"messages\":[],\"logit_bias\":{\"1\":2}}", "logit_bias");
    expect_request_refused(API_CHAT, API_GEMINI, "{\"messages\":[],\"n\":3}", "n");
}

static void effort_is_a_level_or_a_budget(void)
{
#define LEVEL(level) "\"thinkingConfig\":{\"thinkingLevel\":\"" level "\",\"includeThoughts\":true}"
#define BUDGET(budget) "\"thinkingConfig\":{\"thinkingBudget\":" budget ",\"includeThoughts\":true}"
    expect_config("gemini-3-pro-preview", "\"reasoning_effort\":\"xhigh\"", LEVEL("high"));
    expect_config("gemini-3-pro-preview", "\"reasoning_effort\":\"minimal\"", LEVEL("low"));
    expect_config("gemini-3-flash-preview", "\"reasoning_effort\":\"minimal\"", LEVEL("minimal"));
    expect_config("gemini-3-flash-preview", "\"reasoning_effort\":\"none\"",
                  "\"thinkingConfig\":{\"thinkingLevel\":\"minimal\"}");
    expect_config("gemini-2.5-flash", "\"reasoning_effort\":\"none\"",
                  "\"thinkingConfig\":{\"thinkingBudget\":0}");
    expect_config("gemini-2.5-pro", "\"reasoning_effort\":\"none\"",
                  "\"thinkingConfig\":{\"thinkingBudget\":128}");
    expect_config("gemini-2.5-flash", "\"reasoning_effort\":\"high\"", BUDGET("24576"));
    expect_config("gemini-2.0-flash", "\"reasoning_effort\":\"high\"", "");
}

/* ---- answers ---- */

#define CANDIDATE(parts, finish)                                                                             \
    "{\"candidates\":[{\"content\":{\"parts\":[" parts "],\"role\":\"model\"}" finish                        \
    "}],\"modelVersion\":\"gemini-x\",\"responseId\":\"r\"}"
#define STOP ",\"finishReason\":\"STOP\""

static const char *const calls[] = {
    CANDIDATE("{\"text\":\"hm\",\"thought\":true}", ""),
    CANDIDATE("{\"functionCall\":{\"name\":\"w\",\"args\":{\"a\":1}},\"thoughtSignature\":\"QUJD\"}", ""),
    CANDIDATE("{\"functionCall\":{\"name\":\"w\",\"args\":{\"b\":2},\"id\":\"g2\"}}", ""),
    CANDIDATE("{\"text\":\"\"}", STOP), NULL};

static void a_stream_is_chunks(void)
{
    struct pair pair = pair_open(API_CHAT, API_GEMINI);
    const char *got = pair_stream(&pair, calls);
    CU_ASSERT_PTR_NOT_NULL_FATAL(got);
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\"delta\":{\"reasoning_content\":\"hm\"}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\"tool_calls\":[{\"index\":0,"));
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\"extra_content\":{\"google\":{\"thought_signature\":\"QUJD\"}}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\"tool_calls\":[{\"index\":1,\"id\":\"g2\","));
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\"index\":1,\"function\":{\"arguments\":\"{\\\"b\\\":2}\"}"));
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "\"finish_reason\":\"tool_calls\""));
    CU_ASSERT_PTR_NULL(strstr(got, "\"finish_reason\":\"stop\""));
    pair_close(&pair);
}

/* The signature comes back with the client's next request, whatever the client keeps of an answer. */
static void signatures_come_back(void)
{
    struct pair pair = pair_open(API_MESSAGES, API_GEMINI);
    const char *message = pair_body(
        &pair, CANDIDATE("{\"functionCall\":{\"name\":\"w\",\"args\":{\"a\":1},\"id\":\"a\"},"
                         "\"thoughtSignature\":\"QUJD\"}",
                         STOP));
    CU_ASSERT_PTR_NOT_NULL_FATAL(message);
    struct json_value content = json_get(parsed(message), "content");
    const char *request = arena_format(pair.arena,
                                       "{\"messages\":[" USER ",{\"role\":\"assistant\",\"content\":%.*s}]}",
                                       (int)content.length, content.at);
    const char *got = pair_request(&pair, request);
    CU_ASSERT_PTR_NOT_NULL(strstr(got, PART("a", SIGNATURE("QUJD"))));
    pair_close(&pair);
}

static void expect_in_body(enum api client, const char *body, const char *wanted)
{
    struct pair pair = pair_open(client, API_GEMINI);
    const char *got = pair_body(&pair, body);
    if (!got || !strstr(got, wanted))
        printf("\n  wanted %s\n  within %s\n", wanted, got ? got : pair.why.message);
    CU_ASSERT_TRUE(got && strstr(got, wanted));
    pair_close(&pair);
}

static void a_whole_answer_says_the_same(void)
{
    expect_in_body(API_CHAT, CANDIDATE("{\"text\":\"Done.\",\"thoughtSignature\":\"QUJD\"}", STOP),
                   "\"content\":\"Done.\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"");
    expect_in_body(API_MESSAGES, CANDIDATE("{\"text\":\"a\"}", ",\"finishReason\":\"MAX_TOKENS\""),
                   "\"stop_reason\":\"max_tokens\"");
    expect_in_body(API_CHAT, CANDIDATE("", ",\"finishReason\":\"SAFETY\""),
                   "\"finish_reason\":\"content_filter\"");
    expect_in_body(API_MESSAGES, CANDIDATE("{\"functionCall\":{\"name\":\"w\",\"args\":{}}}", STOP),
                   "\"stop_reason\":\"tool_use\"");
    expect_in_body(API_RESPONSES, CANDIDATE("{\"text\":\"a\"}", ",\"finishReason\":\"RECITATION\""),
                   "\"incomplete_details\":{\"reason\":\"content_filter\"}");
}

static const struct unit_test tests[] = {
    {"calls and results are one content each", calls_and_results_are_one_content_each},
    {"parts without content are left out", parts_without_content_are_left_out},
    {"media", media},
    {"schemas are what the model takes", schemas_are_what_the_model_takes},
    {"members find their places", members_find_their_places},
    {"effort is a level or a budget", effort_is_a_level_or_a_budget},
    {"a stream is chunks", a_stream_is_chunks},
    {"signatures come back", signatures_come_back},
    {"a whole answer says the same", a_whole_answer_says_the_same},
};

UNIT_MAIN("convert_gemini", tests)
