/* JSON is checked strictly by RFC 8259 and read in place. */
#include "format/json.h"
#include "format/json_number.h"

#include <string.h>

#include "base/arena.h"
#include "unit.h"

static struct json_value text_of(const char *text)
{
    return (struct json_value){text, strlen(text)};
}

static bool accepts(const char *text)
{
    struct json_value root;
    struct json_fault fault;
    return json_check(text_of(text), 8, JSON_UTF8_STRICT, &root, &fault);
}

static size_t fault_at(const char *text)
{
    struct json_value root;
    struct json_fault fault = {.offset = (size_t)-1};
    CU_ASSERT_FALSE(json_check(text_of(text), 8, JSON_UTF8_STRICT, &root, &fault));
    return fault.offset;
}

static struct json_value root_of(const char *text)
{
    struct json_value root = {0};
    struct json_fault fault;
    CU_ASSERT_TRUE_FATAL(json_check(text_of(text), 8, JSON_UTF8_ANY, &root, &fault));
    return root;
}

static void takes_what_the_grammar_allows(void)
{
    static const char *const texts[] = {
        "{}",          "[]",
        " [ ] ",       "0",
        "-0",          "1.0",
        "-1.5e+10",    "1E400",
        "\"\"",        "\"\\u0000\"",
        "\"\\ud800\"", "true",
        "null",        "{\"a\":1,\"a\":2}",
        "[[],{}]",     "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
        "\t\r\n 1 ",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CU_ASSERT_TRUE(accepts(texts[i]));
}

static void refuses_everything_else_at_its_offset(void)
{
    static const struct {
        const char *text;
        size_t offset;
    } cases[] = {
        {"", 0},
        {"   ", 3},
        {"{", 1},
        {"[1,]", 3},
        {"{\"a\":1,}", 7},
        {"01", 1},
        {"1.", 2},
        {".5", 0},
        {"+1", 0},
        {"1e", 2},
        {"tru", 3},
        {"nulL", 3},
        {"'a'", 0},
        {"\"a\nb\"", 2},
        {"\"\\x\"", 2},
        {"\"\\u12g4\"", 5},
        {"{a:1}", 1},
        {"{\"a\" 1}", 5},
        {"[1 2]", 3},
        {"1 1", 2},
        {"\"\xff\"", 1},
        {"\"\xc0\xaf\"", 1},
        {"\"\xed\xa0\x80\"", 1},
        {"NaN", 0},
        {"\"abc", 4},
        {"[\"\\", 3},
        {"\xef\xbb\xbf{}", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_EQUAL(fault_at(cases[i].text), cases[i].offset);
}

/* The parser reads eight bytes of a string at once: tests each byte at each of the eight places. */
static void each_byte_counts_at_any_offset(void)
{
    for (size_t place = 1; place <= 20; place++)
        for (int byte = 0; byte < 256; byte++) {
            char text[] = "\".....................\"";
            struct json_value root;
            struct json_fault fault;
            bool plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
            text[place] = (char)byte;
            bool good = json_check((struct json_value){text, sizeof text - 1}, 8, JSON_UTF8_STRICT, &root,
                                   &fault);
            CU_ASSERT_EQUAL(good, plain);
            if (!good)
                CU_ASSERT_EQUAL(fault.offset, byte == '"' || byte == '\\' ? place + 1 : place);
        }
}

/* With any number of backslashes at the end, and an escaped quote in the middle. */
static void the_end_of_a_string_is_found(void)
{
    char text[80] = "[\"\",\"";
    for (size_t pairs = 0; pairs < 20; pairs++) {
        char *end = text + 5;
        for (size_t i = 0; i < pairs; i++)
            end = stpcpy(end, "\\\\");
        end = stpcpy(end, "\\\"\",7]");
        struct json_value rest = json_elements(root_of(text)), element = {0};
        CU_ASSERT_TRUE_FATAL(json_next_element(&rest, &element));
        CU_ASSERT_EQUAL(element.length, 2);
        CU_ASSERT_TRUE_FATAL(json_next_element(&rest, &element));
        CU_ASSERT_EQUAL(element.length, 4 + 2 * pairs);
        CU_ASSERT_TRUE_FATAL(json_next_element(&rest, &element));
        CU_ASSERT_EQUAL(*element.at, '7');
        CU_ASSERT_FALSE(json_next_element(&rest, &element));
    }
}

static void depth_has_a_limit(void)
{
    CU_ASSERT_TRUE(accepts("[[[[[[[[]]]]]]]]"));
    CU_ASSERT_EQUAL(fault_at("[[[[[[[[[]]]]]]]]]"), 8);
    CU_ASSERT_TRUE(accepts("[[],[],[],[],[],[],[],[],[],[]]"));
}

static void bytes_that_are_not_utf_8_pass_where_allowed(void)
{
    struct json_value root = root_of("{\"a\":\"\xff\xfe\"}");
    CU_ASSERT_EQUAL(json_get(root, "a").length, 4);
}

static void members_are_found_by_their_decoded_name(void)
{
    struct json_value root = root_of(
        " {\"mod\\u0065l\" : \"x\" , \"modelx\":1, \"mode\":2, \"m\\u0000\":3} ");
    CU_ASSERT_EQUAL(json_kind(json_get(root, "model")), JSON_STRING);
    CU_ASSERT_EQUAL(json_kind(json_get(root, "m")), JSON_NONE);
    CU_ASSERT_EQUAL(json_count(root, "mode"), 1);
    CU_ASSERT_EQUAL(json_kind(json_get(json_get(root, "nothing"), "below")), JSON_NONE);
}

static void duplicate_members_are_counted(void)
{
    CU_ASSERT_EQUAL(json_count(root_of("{\"a\":1,\"\\u0061\":[{\"a\":3}],\"b\":2}"), "a"), 2);
}

static void values_keep_their_bytes(void)
{
    struct json_value value = json_get(root_of("{\"s\":\"},\\\"]\",\"n\":1.0 , \"o\":{\"x\":[1,\"]\"]} }"),
                                       "o");
    CU_ASSERT_EQUAL(value.length, strlen("{\"x\":[1,\"]\"]}"));
    CU_ASSERT_EQUAL(json_get(root_of("{\"n\":1.0 }"), "n").length, 3);
}

static void arrays_of_arrays_are_walked(void)
{
    struct json_value rest = json_elements(root_of("[[1], [2,3] ,{\"a\":[4]}, 5 ]")), element;
    size_t lengths[] = {3, 5, 9, 1}, count = 0;
    for (; json_next_element(&rest, &element); count++)
        CU_ASSERT_EQUAL(element.length, lengths[count]);
    CU_ASSERT_EQUAL(count, 4);
}

static void strings_are_decoded(void)
{
    struct arena *arena = arena_create();
    size_t length;
    struct json_value value = root_of("\"a\\n\\u00e9\\ud83d\\ude00\\ud800x\\/\\u0000b\"");
    const char *text = json_string(arena, value, &length);
    static const char wanted[] = "a\n\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbdx/\0b";
    CU_ASSERT_EQUAL(length, sizeof wanted - 1);
    CU_ASSERT_EQUAL(memcmp(text, wanted, sizeof wanted), 0);
    CU_ASSERT_PTR_NULL(json_string(arena, root_of("1"), &length));
    arena_destroy(arena);
}

static void integers_are_exact_or_refused(void)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-7", true, -7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"99999999999999999999999", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"\"1\"", false, 0},
        {"true", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t number = 0;
        CU_ASSERT_EQUAL(json_integer(root_of(cases[i].text), &number), cases[i].good);
        CU_ASSERT_EQUAL(number, cases[i].value);
    }
}

static void whole_numbers_may_be_written_with_a_fraction(void)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {
        {"7", true, 7},
        {"10.0", true, 10},
        {"-10.000", true, -10},
        {"1e3", true, 1000},
        {"1.5E1", true, 15},
        {"1200e-2", true, 12},
        {"9223372036854775807", true, INT64_MAX},
        {"10.5", false, 0},
        {"1e-1", false, 0},
        {"1e300", false, 0},
        {"1e-999999999999", true, 0},
        {"\"10\"", false, 0},
        {"true", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t number = 0;
        CU_ASSERT_EQUAL(json_whole_number(root_of(cases[i].text), &number), cases[i].good);
        CU_ASSERT_EQUAL(number, cases[i].value);
    }
}

static const struct unit_test tests[] = {
    {"takes what the grammar allows", takes_what_the_grammar_allows},
    {"refuses everything else at its offset", refuses_everything_else_at_its_offset},
    {"each byte counts at any offset", each_byte_counts_at_any_offset},
    {"the end of a string is found", the_end_of_a_string_is_found},
    {"depth has a limit", depth_has_a_limit},
    {"bytes that are not UTF-8 pass where allowed", bytes_that_are_not_utf_8_pass_where_allowed},
    {"members are found by their decoded name", members_are_found_by_their_decoded_name},
    {"duplicate members are counted", duplicate_members_are_counted},
    {"values keep their bytes", values_keep_their_bytes},
    {"arrays of arrays are walked", arrays_of_arrays_are_walked},
    {"strings are decoded", strings_are_decoded},
    {"integers are exact or refused", integers_are_exact_or_refused},
    {"whole numbers may be written with a fraction", whole_numbers_may_be_written_with_a_fraction},
};

UNIT_MAIN("json", tests)
