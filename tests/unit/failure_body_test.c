/* Message, code and delay are found in every form of error body. The messages are invented. */
#include "errors/failure_body.h"

#include <stdio.h>
#include <string.h>

#include "errors/failure_delay.h"
#include "unit.h"

static struct failure_body read_text(const char *text)
{
    struct failure_body body;
    failure_body_read(&body, (struct json_value){text, strlen(text)});
    return body;
}

static void the_message_is_found_in_every_form(void)
{
    static const struct {
        const char *body, *sentence;
    } cases[] = {
        {"{\"error\":{\"message\":\"No\"}}", "No"},
        {"{\"error\":\"No\"}", "No"},
        {"{\"error\":{\"error\":{\"message\":\"No\"}}}", "No"},
        {"{\"error\":[{\"message\":\"No\"},{\"message\":\"two\"}]}", "No"},
        {"[{\"error\":{\"message\":\"No\"}}]", "No"},
        {"{\"message\":\"No\"}", "No"},
        {"{\"msg\":\"No\"}", "No"},
        {"{\"detail\":\"No\"}", "No"},
        {"{\"title\":\"T\",\"detail\":\"No\",\"status\":422}", "No"},
        {"{\"title\":\"No\",\"status\":422}", "No"},
        {"{\"error\":\"invalid_client\",\"error_description\":\"No\"}", "No"},
        {"{\"statusCode\":404,\"error\":\"Not Found\",\"message\":\"No\"}", "No"},
        {"{\"error\":\"No\",\"error_type\":\"t\"}", "No"},
        {"{\"error\":1,\"message\":\"No\"}", "No"},
        {"{\"error\":true,\"message\":\"No\"}", "No"},
        {"{\"error\":{\"message\":\"\"},\"message\":\"No\",\"detail\":\"d\"}", "No"},
        {"{\"error\":{\"message\":null},\"detail\":\"No\"}", "No"},
        {"{\"error\":null,\"message\":\"No\"}", "No"},
        {"{\"message\":0,\"detail\":\"No\"}", "No"},
        {"{\"message\":false,\"detail\":\"No\"}", "No"},
        {"{\"error\":{\"message\":123}}", "123"},
        {"{\"error\":{\"message\":[\"No\",\"two\"]}}", "No"},
        {"{\"error\":{\"message\":{\"detail\":\"No\"}}}", "No"},
        {"{\"error\":{\"message\":\"{\\\"error\\\":{\\\"message\\\":\\\"No\\\"}}\"}}", "No"},
        {"{\"message\":\"[{\\\"msg\\\":\\\"No\\\"}]\"}", "No"},
        {"{\"message\":\"{not JSON}\"}", "{not JSON}"},
        {"\"No\"", "No"},
        {"\"{\\\"message\\\":\\\"No\\\"}\"", "No"},
        {"{\"detail\":[{\"loc\":[\"body\",\"x\",0],\"msg\":\"No\",\"type\":\"t\"}]}", "body.x.0: No"},
        {"{\"detail\":[{\"loc\":[],\"msg\":\"No\"}]}", "No"},
        {"{\"detail\":[{\"loc\":[null,{},\"y\"],\"msg\":\"No\"}]}", "y: No"},
        {"{\"errors\":[{\"message\":\"No\"}]}", "No"},
        {"{\"error\":{\"message\":\"outer\",\"metadata\":{\"raw\":\"{\\\"error\\\":{\\\"message\\\":"
         "\\\"No\\\"}}\"}}}",
         "No"},
        {"{\"error\":{\"message\":\"outer\",\"metadata\":{\"raw\":\"No\"}}}", "No"},
        {"{\"error\":{\"message\":\"No\",\"metadata\":{\"raw\":\"\"}}}", "No"},
        {"{\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}", "The prompt was blocked: SAFETY"},
        {"{\"info\":{\"reasons\":[\"word\",\"It is no use\"]}}", "It is no use"},
        {"  No \r\n", "No"},
        {"<html><title>No</title></html>", "No"},
        {"data: {\"error\":\"No\"}", "data: {\"error\":\"No\"}"},
        {"{\"error\":{\"message\":\"cut", "{\"error\":{\"message\":\"cut"},
        {"{}", ""},
        {"[]", ""},
        {"null", ""},
        {"{\"error\":{\"code\":\"x\"}}", ""},
        {"", ""},
        {" \n ", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_STRING_EQUAL(read_text(cases[i].body).sentence, cases[i].sentence);
}

static void type_param_and_code_are_the_provider_s(void)
{
    static const struct {
        const char *body, *type, *param, *code;
    } cases[] = {
        {"{\"error\":{\"type\":\"t\",\"param\":\"p\",\"code\":\"c\"}}", "t", "p", "c"},
        {"{\"error\":{\"type\":null,\"param\":null,\"code\":null}}", "", "", ""},
        {"{\"error\":{\"message\":\"m\"},\"type\":\"t\",\"code\":\"c\"}", "t", "", "c"},
        {"{\"error\":{\"type\":\"inner\"},\"type\":\"error\"}", "inner", "", ""},
        {"{\"type\":\"error\",\"error\":{\"type\":\"t\"}}", "t", "", ""},
        {"{\"error\":{\"code\":404}}", "", "", ""}, /* a number that repeats the status */
        {"{\"error\":{\"code\":\"404\"}}", "", "", "404"},
        {"{\"error\":{\"code\":1113}}", "", "", "1113"},
        {"{\"error\":{\"code\":-7}}", "", "", "-7"},
        {"{\"error_type\":\"t\"}", "t", "", ""},
        {"plain", "", "", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct failure_body body = read_text(cases[i].body);
        CU_ASSERT_STRING_EQUAL(body.type, cases[i].type);
        CU_ASSERT_STRING_EQUAL(body.param, cases[i].param);
        CU_ASSERT_STRING_EQUAL(body.code, cases[i].code);
    }
}

static void statuses_are_named_in_many_places(void)
{
    static const struct {
        const char *body;
        int status;
    } cases[] = {
        {"{\"error\":{\"code\":429}}", 429},
        {"{\"error\":{\"code\":\"503\"}}", 503},
        {"{\"error\":{\"status_code\":404}}", 404},
        {"{\"error\":{\"status\":\"NOT\"},\"status\":422}", 422},
        {"{\"statusCode\":500}", 500},
        {"{\"error\":{\"code\":\"502 Bad\"}}", 502},
        {"{\"error\":{\"code\":200}}", 0},
        {"{\"error\":{\"code\":399}}", 0},
        {"{\"error\":{\"code\":600}}", 0},
        {"{\"error\":{\"code\":\"x\"}}", 0},
        {"{\"error\":{\"code\":1e300}}", 0},
        {"{\"error\":{\"message\":\"429\"}}", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_EQUAL(read_text(cases[i].body).status, cases[i].status);
}

static void delays_are_found(void)
{
    static const struct {
        const char *body;
        int64_t ms;
    } cases[] = {
        {"{\"error\":{\"retry_after\":7}}", 7000},
        {"{\"error\":{\"retry_after_seconds\":0.5}}", 500},
        {"{\"retryAfter\":\"2s\"}", 2000},
        {"{\"error\":{\"metadata\":{\"retry_after_seconds\":3}}}", 3000},
        {"{\"error\":{\"details\":[{\"reason\":\"R\"},{\"retryDelay\":\"41s\"}]}}", 41000},
        {"{\"error\":{\"details\":[{\"metadata\":{\"quotaResetDelay\":\"0.5s\"}}]}}", 500},
        {"{\"error\":{\"message\":\"Come back, try again in 6m0s.\"}}", 360000},
        {"{\"error\":{\"message\":\"try again in 9s\",\"retry_after\":7}}", 7000},
        {"Slow down and wait 5 minutes", 300000},
        {"{\"error\":{\"retry_after\":-1}}", -1},
        {"{\"error\":{\"retry_after\":1e300}}", DELAY_MAX_MS},
        {"{\"error\":{\"retry_after\":1800000000}}", -1}, /* a time since 1970 */
        {"{\"error\":{\"retry_after\":true}}", -1},
        {"{\"error\":{\"message\":\"m\"}}", -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct failure_body body = read_text(cases[i].body);
        CU_ASSERT_EQUAL(body.delay_ms, cases[i].ms);
        CU_ASSERT_EQUAL(body.evidence.delay_ms >= 0, cases[i].ms >= 0);
    }
}

static bool has_word(const struct failure_body *body, const char *word)
{
    for (size_t i = 0; i < body->evidence.code_count; i++)
        if (strcmp(body->evidence.codes[i], word) == 0)
            return true;
    return false;
}

static void evidence_is_gathered_for_the_rules(void)
{
    struct failure_body body = read_text(
        "{\"error\":{\"message\":\"One\\nLINE\",\"type\":\"Big Type\",\"code\":1113,\"status\":\"NOT-OK\","
        "\"param\":\"p\",\"innererror\":{\"code\":\"In.Ner\"},\"details\":[{\"reason\":\"WHY\"}]},"
        "\"message\":\"Two\"}");
    CU_ASSERT_STRING_EQUAL(body.evidence.text, "one line\ntwo");
    CU_ASSERT_TRUE(has_word(&body, "big_type"));
    CU_ASSERT_TRUE(has_word(&body, "1113"));
    CU_ASSERT_TRUE(has_word(&body, "not_ok"));
    CU_ASSERT_TRUE(has_word(&body, "in_ner"));
    CU_ASSERT_TRUE(has_word(&body, "why"));
    CU_ASSERT_STRING_EQUAL(body.evidence.param, "p");
    CU_ASSERT_FALSE(body.evidence.html || body.evidence.empty);
    body = read_text("{\"error\":\"A-Name\"}");
    CU_ASSERT_TRUE(has_word(&body, "a_name"));
    CU_ASSERT_TRUE(read_text("").evidence.empty);
    CU_ASSERT_TRUE(read_text("<html>x</html>").evidence.html);
}

/* Depth, number of words and length of a message are limited, whatever a provider sends. */
static void deep_and_long_input_is_cut(void)
{
    char text[20000] = "";
    for (int i = 0; i < 300; i++)
        strcat(text, "{\"error\":");
    strcat(text, "\"deep\"");
    for (int i = 0; i < 300; i++)
        strcat(text, "}");
    CU_ASSERT_STRING_NOT_EQUAL(read_text(text).sentence, "deep");
    strcpy(text, "{\"error\":{\"details\":[");
    for (int i = 0; i < 2 * EVIDENCE_CODES_MAX; i++)
        sprintf(text + strlen(text), "%s{\"reason\":\"r%d\"}", i ? "," : "", i);
    strcat(text, "]}}");
    CU_ASSERT_EQUAL(read_text(text).evidence.code_count, EVIDENCE_CODES_MAX);
    strcpy(text, "{\"error\":{\"message\":\"");
    memset(text + strlen(text), 'x', 2 * EVIDENCE_TEXT_SIZE);
    strcpy(text + 21 + 2 * EVIDENCE_TEXT_SIZE, "\",\"type\":\"t\"}}");
    struct failure_body body = read_text(text);
    CU_ASSERT_EQUAL(strlen(body.sentence), EVIDENCE_TEXT_SIZE - 1);
    CU_ASSERT_EQUAL(strlen(body.evidence.text), EVIDENCE_TEXT_SIZE - 1);
    CU_ASSERT_STRING_EQUAL(body.type, "t");
}

static const struct unit_test tests[] = {
    {"the message is found in every form", the_message_is_found_in_every_form},
    {"type, param and code are the provider's", type_param_and_code_are_the_provider_s},
    {"statuses are named in many places", statuses_are_named_in_many_places},
    {"delays are found", delays_are_found},
    {"evidence is gathered for the rules", evidence_is_gathered_for_the_rules},
    {"deep and long input is cut", deep_and_long_input_is_cut},
};

UNIT_MAIN("failure_body", tests)
