/* A member that a rule reads has one meaning for every parser, or the request is refused. */
#include "protocol/request_members.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "format/json_name.h"
#include "format/splice.h"
#include "unit.h"

#define TEXT_SIZE 2048
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The list of penstock(8). */
static const char *const names[] = {
    "messages",
    "input",
    "prompt",
    "instructions",
    "tools",
    "metadata",
    "model",
    "models",
    "route",
    "fallbacks",
    "fallback_models",
    "context_window_fallbacks",
    "content_policy_fallbacks",
    "service_tier",
    "extra_body",
    "stream",
    "stream_options",
    "max_completion_tokens",
    "max_tokens",
    "max_output_tokens",
    "max_new_tokens",
    "n_predict",
    "num_predict",
    "n",
    "best_of",
    "n_cmpl",
    "num_return_sequences",
    "previous_response_id",
    "conversation",
    "evaluation_run_id",
};

static bool is_good(const char *text, struct failure *why)
{
    struct arena *arena = arena_create();
    struct splice body;
    struct failure invalid;
    CU_ASSERT_TRUE_FATAL(splice_open(&body, arena, (struct json_value){text, strlen(text)}, 64, &invalid));
    bool good = request_members_check(&body, why);
    arena_destroy(arena);
    return good;
}

/* Checks that the request is refused for a member whose quoted name begins at `offset`. */
static void must_refuse(const char *text, const char *name, const char *at)
{
    struct failure why = {0};
    char offset[32];
    if (is_good(text, &why)) {
        CU_FAIL(text);
        printf("passed: %s\n", text);
        return;
    }
    snprintf(offset, sizeof offset, "at byte %zu", (size_t)(at - text));
    CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_REQUEST);
    CU_ASSERT_STRING_EQUAL(why.param, name);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.message, name));
    CU_ASSERT_PTR_NOT_NULL(strstr(why.message, offset));
}

/* Puts the name with the letter at `index` replaced. */
static void respell(char *to, const char *name, size_t index, const char *letter)
{
    sprintf(to, "%.*s%s%s", (int)index, name, letter, name + index + 1);
}

/* Refused alone, before and after the true name, and within the objects of which members are read. */
static void must_refuse_spelling(const char *spelling, const char *name)
{
    char text[TEXT_SIZE];
    snprintf(text, sizeof text, "{ \"%s\":1}", spelling);
    must_refuse(text, name, text + 2);
    snprintf(text, sizeof text, "{\"%s\" :[], \"%s\":1}", name, spelling);
    must_refuse(text, name, strchr(text, ',') + 2);
    snprintf(text, sizeof text, "{\"user\":\"x\",\"%s\":null,\"%s\":{}}", spelling, name);
    must_refuse(text, name, strchr(text, ',') + 1);
    snprintf(text, sizeof text, "{\"extra_body\":{\"%s\":0}}", spelling);
    must_refuse(text, name, text + 15);
}

static void every_folding_of_every_name_is_refused(void)
{
    char spelling[TEXT_SIZE], letter[16];
    for (size_t i = 0; i < COUNT(names); i++)
        for (size_t at = 0; names[i][at]; at++) {
            char own = names[i][at];
            if (own == '_')
                continue;
            snprintf(letter, sizeof letter, "%c", own - 0x20);
            respell(spelling, names[i], at, letter);
            must_refuse_spelling(spelling, names[i]);
            snprintf(letter, sizeof letter, "\\u%04X", (unsigned)own - 0x20);
            respell(spelling, names[i], at, letter);
            must_refuse_spelling(spelling, names[i]);
            if (own != 's' && own != 'k')
                continue;
            respell(spelling, names[i], at, own == 's' ? "\xc5\xbf" : "\xe2\x84\xaa");
            must_refuse_spelling(spelling, names[i]);
            respell(spelling, names[i], at, own == 's' ? "\\u017f" : "\\u212A");
            must_refuse_spelling(spelling, names[i]);
        }
}

static void nul_in_a_name_or_value_is_refused(void)
{
    static const char *const before[] = {"", "\\u0000", "x"}, *const after[] = {"\\u0000", "\\u0000tail", ""};
    char spelling[TEXT_SIZE], text[TEXT_SIZE];
    for (size_t i = 0; i < COUNT(names); i++) {
        for (size_t j = 0; j < 2; j++) {
            snprintf(spelling, sizeof spelling, "%s%s%s", before[j], names[i], after[j ? 2 : 0]);
            must_refuse_spelling(spelling, names[i]);
        }
        snprintf(spelling, sizeof spelling, "%s\\u0000tail", names[i]);
        must_refuse_spelling(spelling, names[i]);
        size_t half = strlen(names[i]) / 2;
        snprintf(spelling, sizeof spelling, "%.*s\\u0000%s", (int)half, names[i], names[i] + half);
        must_refuse_spelling(spelling, names[i]);
        snprintf(text, sizeof text, "{\"%s\":\"a\\\\\\u0000b\"}", names[i]);
        if (i >= 6)
            must_refuse(text, names[i], strchr(text, ':') + 1);
        else
            CU_ASSERT_TRUE(is_good(text, NULL)); /* content, in which it is a character like any other */
    }
}

static void doubles_are_refused(void)
{
    char text[TEXT_SIZE];
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(text, sizeof text, "{\"%s\":null,\"x\":{\"%s\":1},\"%s\":[]}", names[i], names[i], names[i]);
        must_refuse(text, names[i], strrchr(text, ',') + 1);
        snprintf(text, sizeof text, "{\"%s\":null, \"\\u%04x%s\":[]}", names[i], (unsigned)*names[i],
                 names[i] + 1);
        must_refuse(text, names[i], strchr(text, ',') + 2);
    }
    static const char twice[] = "{\"stream_options\":{\"include_usage\":true,\"include_usage\":false}}";
    must_refuse(twice, "include_usage", &twice[40]);
}

static void members_of_objects_count(void)
{
    struct failure why;
    static const struct {
        const char *text, *param;
    } cases[] = {
        {"{\"stream_options\":{\"Include_usage\":true}}", "include_usage"},
        {"{\"stream_options\":{\"include_u\\u017fage\":true}}", "include_usage"},
        {"{\"metadata\":{\"run_id\":\"a\",\"run_id\":\"b\"}}", "run_id"},
        {"{\"metadata\":{\"Run_ID\":\"a\"}}", "run_id"},
        {"{\"metadata\":{\"run_id\\u0000\":\"a\"}}", "run_id"},
        {"{\"metadata\":{\"run_id\":\"a\\u0000b\"}}", "run_id"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CU_ASSERT_FALSE(is_good(cases[i].text, &why));
        CU_ASSERT_STRING_EQUAL(why.param, cases[i].param);
    }
}

static void other_members_pass(void)
{
    static const char *const texts[] = {
        "{}",
        "{\"user\":1,\"user\":2,\"User\":3}",
        "{\"model \":1,\" model\":2,\"model\":\"m\",\"modell\":3,\"mode\":4,\"\":5}",
        "{\"mod\xc3\xa9l\":1,\"\xef\xbd\x8d\xef\xbd\x8f\xef\xbd\x84\xef\xbd\x85\xef\xbd\x8c\":2}",
        "{\"metadata\":{\"Model\":\"x\",\"model\":1,\"model\":2}}",
        "{\"messages\":[{\"Content\":1,\"content\":2}],\"x\":{\"N\":1}}",
        "{\"x\\u0000model\":1,\"seed\":[{\"model\":1,\"model\":2}]}",
        "{\"stream_options\":null,\"metadata\":[],\"extra_body\":\"x\"}",
        "{\"max-tokens\":1,\"maxTokens\":2}",
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        if (!is_good(texts[i], NULL))
            CU_FAIL(texts[i]);
}

/* ---- random requests, judged by a second reader ---- */

static unsigned chance = 7;

static unsigned pick(unsigned count)
{
    chance = chance * 1103515245 + 12345;
    return (chance >> 16) % count;
}

/* Spells a name at random; `plain` becomes false if it is not the name when decoded. */
static void spell(char *to, const char *name, bool *plain)
{
    *plain = true;
    for (; *name; name++) {
        unsigned way = pick(24);
        bool fold = way < 2 && *name != '_' && (*plain = false, true);
        char letter = fold ? (char)(*name - 0x20) : *name;
        to += way % 2 ? sprintf(to, "\\u%04x", (unsigned)letter) : sprintf(to, "%c", letter);
    }
    *to = '\0';
}

static void random_requests_are_judged_alike(void)
{
    for (int round = 0; round < 20000; round++) {
        char text[TEXT_SIZE] = "{", spelling[256], *to = text + 1;
        bool seen[COUNT(names)] = {false}, good = true, plain;
        for (unsigned left = pick(6); left; left--) {
            unsigned index = pick(COUNT(names) + 20);
            spell(spelling, index < COUNT(names) ? names[index] : "other", &plain);
            to += sprintf(to, "%s\"%s\":%s", to > text + 1 ? "," : "", spelling,
                          pick(2) ? "[{\"n\":1}]" : "null");
            if (index < COUNT(names)) {
                good = good && plain && !seen[index];
                seen[index] = true;
            }
        }
        sprintf(to, "}");
        if (is_good(text, NULL) != good) {
            CU_FAIL("random request");
            printf("%s\n", text);
        }
    }
}

/* Names that only a provider's parameter rules read are compared alike. */
static void rules_find_no_folded_member(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"{\"Temperature\":1}", "the member \"Temperature\" at byte 1 is"},
        {" {\"temperature\":1, \"temperature\":2}", "given twice, again at byte 19"},
        {"\xef\xbb\xbf{\"temperature\":1,\"temperature\":2}", "given twice, again at byte 20"},
        {"{\"temperature\\u0000\":1}", "end a name at U+0000"},
    };
    struct arena *arena = arena_create();
    struct splice splice;
    struct splice_member *member;
    struct failure why;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct json_value text = {cases[i].text, strlen(cases[i].text)};
        CU_ASSERT_TRUE_FATAL(splice_open(&splice, arena, text, 8, &why));
        CU_ASSERT_FALSE(splice_find(&splice, "temperature", &member, &why));
        CU_ASSERT_PTR_NOT_NULL(strstr(why.message, cases[i].message));
        CU_ASSERT_STRING_EQUAL(why.param, "temperature");
    }
    arena_destroy(arena);
}

static const struct unit_test tests[] = {
    {"every folding of every name is refused", every_folding_of_every_name_is_refused},
    {"U+0000 in a name or value is refused", nul_in_a_name_or_value_is_refused},
    {"doubles are refused", doubles_are_refused},
    {"members of objects count", members_of_objects_count},
    {"other members pass", other_members_pass},
    {"random requests are judged alike", random_requests_are_judged_alike},
    {"rules find no folded member", rules_find_no_folded_member},
};

UNIT_MAIN("request_members", tests)
