/* Providers' sentences become printable messages. */
#include "errors/failure_map.h"

#include <string.h>

#include "base/failure.h"
#include "unit.h"

static void expect_clean(const char *text, size_t length, const char *wanted)
{
    char message[FAILURE_MESSAGE_SIZE];
    failure_message_clean(text, length, message, sizeof message);
    CU_ASSERT_STRING_EQUAL(message, wanted);
}

static void messages_are_made_printable(void)
{
    expect_clean("line1\nline2\t x ", 15, "line1 line2 x");
    expect_clean("a\xc2\xa0\xe2\x80\xa8"
                 "b",
                 7, "a b");
    expect_clean("", 0, "Provider request failed");
    expect_clean("  \n", 3, "Provider request failed");
    expect_clean("\xff\xfe x", 4, "\xef\xbf\xbd\xef\xbf\xbd x");
}

static size_t clean_points(size_t given, const char *point)
{
    char text[1024] = "", message[FAILURE_MESSAGE_SIZE];
    for (size_t i = 0; i < given; i++)
        strcat(text, point);
    failure_message_clean(text, strlen(text), message, sizeof message);
    size_t points = 0;
    for (const char *at = message; *at; at++)
        points += ((unsigned char)*at & 0xc0) != 0x80;
    bool cut = strlen(message) > 3 && strcmp(message + strlen(message) - 3, "...") == 0;
    CU_ASSERT_EQUAL(cut, given > 200);
    return points;
}

static void long_messages_are_cut_between_code_points(void)
{
    CU_ASSERT_EQUAL(clean_points(199, "x"), 199);
    CU_ASSERT_EQUAL(clean_points(200, "\xc3\xa9"), 200);
    CU_ASSERT_EQUAL(clean_points(201, "\xc3\xa9"), 200);
    CU_ASSERT_EQUAL(clean_points(300, "\xe2\x82\xac"), 200);
}

static const struct unit_test tests[] = {
    {"messages are made printable", messages_are_made_printable},
    {"long messages are cut between code points", long_messages_are_cut_between_code_points},
};

UNIT_MAIN("failure_text", tests)
