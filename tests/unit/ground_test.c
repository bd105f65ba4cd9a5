/* The ground: memory that is given back, bytes that stop at their ceiling, digests, clocks, clean sentences.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/decimal.h"
#include "base/digest.h"
#include "base/failure.h"
#include "errors/failure_map.h"
#include "format/json_write.h"
#include "unit.h"
#include "usage/token_usage.h"

static char order[8];

static void note_release(void *thing)
{
    strncat(order, thing, 1);
}

static void releases_run_backwards(void)
{
    struct arena *arena = arena_create();
    arena_defer(arena, note_release, (char[]){"a"});
    char *piece = arena_alloc(arena, 100);
    memset(piece, 1, 100);
    arena_defer(arena, note_release, (char[]){"b"});
    CU_ASSERT_STRING_EQUAL(arena_format(arena, "%d-%s", 7, "x"), "7-x");
    arena_destroy(arena);
    CU_ASSERT_STRING_EQUAL(order, "ba");
}

static void a_buffer_stops_at_its_ceiling(void)
{
    struct buffer buffer;
    buffer_init(&buffer, 5);
    CU_ASSERT_TRUE(buffer_append(&buffer, "abc", 3));
    CU_ASSERT_FALSE(buffer_append(&buffer, "def", 3));
    CU_ASSERT_EQUAL(buffer.length, 3);
    CU_ASSERT_TRUE(buffer_append(&buffer, "de", 2));
    CU_ASSERT_PTR_NULL(buffer_room(&buffer, 1));
    buffer_consume(&buffer, 2);
    CU_ASSERT_TRUE(buffer_append(&buffer, "fg", 2));
    CU_ASSERT_EQUAL(memcmp(buffer.bytes, "cdefg", 5), 0);
    buffer_free(&buffer);
}

static void consuming_and_appending_keeps_the_order(void)
{
    struct buffer buffer;
    buffer_init(&buffer, 1 << 20);
    unsigned char next_in = 0, next_out = 0;
    for (int round = 0; round < 2000; round++) {
        for (int i = 0; i < round % 97; i++, next_in++)
            CU_ASSERT_TRUE_FATAL(buffer_append(&buffer, &next_in, 1));
        for (size_t i = (size_t)round % 61; i && buffer.length; i--, next_out++) {
            CU_ASSERT_EQUAL_FATAL((unsigned char)*buffer.bytes, next_out);
            buffer_consume(&buffer, 1);
        }
    }
    buffer_free(&buffer);
}

/* FIPS 180-4's own example. */
static void digests_are_right(void)
{
    unsigned char digest[DIGEST_BYTES], parsed[DIGEST_BYTES];
    digest_sha256("abc", 3, digest);
    CU_ASSERT_TRUE(digest_parse("BA7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", parsed));
    CU_ASSERT_TRUE(digest_equal(digest, parsed));
    parsed[31] ^= 1;
    CU_ASSERT_FALSE(digest_equal(digest, parsed));
    CU_ASSERT_FALSE(digest_parse("ba78", parsed));
    CU_ASSERT_FALSE(digest_parse("ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", parsed));
}

static void random_names_differ(void)
{
    char one[2 * RANDOM_NAME_BYTES + 1], other[2 * RANDOM_NAME_BYTES + 1];
    digest_random_name(one);
    digest_random_name(other);
    CU_ASSERT_EQUAL(strspn(one, "0123456789abcdef"), 32);
    CU_ASSERT_STRING_NOT_EQUAL(one, other);
}

/* The bytes for the next ones may lie ready in both processes. */
static void a_child_makes_other_names(void)
{
    char name[2 * RANDOM_NAME_BYTES + 1], own[sizeof name];
    int from_child[2];
    digest_random_name(name);
    CU_ASSERT_EQUAL_FATAL(pipe(from_child), 0);
    pid_t child = fork();
    digest_random_name(name);
    if (child == 0)
        _exit(write(from_child[1], name, sizeof name) != sizeof name);
    CU_ASSERT_EQUAL(waitpid(child, NULL, 0), child);
    CU_ASSERT_EQUAL_FATAL(read(from_child[0], own, sizeof own), sizeof own);
    CU_ASSERT_STRING_NOT_EQUAL(name, own);
    close(from_child[0]);
    close(from_child[1]);
}

static void expect_decimal(int64_t number, const char *whole, const char *thousandths)
{
    char text[DECIMAL_SIZE];
    CU_ASSERT_EQUAL(decimal_write(number, text), strlen(whole));
    CU_ASSERT_STRING_EQUAL(text, whole);
    CU_ASSERT_EQUAL(decimal_write_thousandths(number, text), strlen(thousandths));
    CU_ASSERT_STRING_EQUAL(text, thousandths);
}

static void numbers_are_written_as_printf_writes_them(void)
{
    expect_decimal(0, "0", "0.000");
    expect_decimal(7, "7", "0.007");
    expect_decimal(1000, "1000", "1.000");
    expect_decimal(-12345, "-12345", "-12.345");
    expect_decimal(INT64_MAX, "9223372036854775807", "9223372036854775.807");
    expect_decimal(INT64_MIN, "-9223372036854775808", "-9223372036854775.808");
}

static void expect_clean(const char *text, size_t length, const char *wanted)
{
    char message[FAILURE_MESSAGE_SIZE];
    failure_message_clean(text, length, message, sizeof message);
    CU_ASSERT_STRING_EQUAL(message, wanted);
}

static void sentences_are_made_fit(void)
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

static void long_sentences_are_cut_by_code_points(void)
{
    CU_ASSERT_EQUAL(clean_points(199, "x"), 199);
    CU_ASSERT_EQUAL(clean_points(200, "\xc3\xa9"), 200);
    CU_ASSERT_EQUAL(clean_points(201, "\xc3\xa9"), 200);
    CU_ASSERT_EQUAL(clean_points(300, "\xe2\x82\xac"), 200);
}

static void written_json_is_escaped(void)
{
    struct buffer buffer;
    buffer_init(&buffer, 256);
    struct json_writer writer = json_write_begin(&buffer);
    json_put_string(&writer, "a", "q\"\\\n\x01\xc3\xa9\xff");
    json_put_string(&writer, "b", NULL);
    json_put_count(&writer, "c", -1);
    json_put_count(&writer, "d", 7);
    json_put_bool(&writer, "e", true);
    json_write_end(&writer);
    CU_ASSERT_TRUE(writer.ok && buffer_append(&buffer, "", 1));
    CU_ASSERT_STRING_EQUAL(buffer.bytes,
                           "{\"a\":\"q\\\"\\\\\\n\\u0001\xc3\xa9\xef\xbf\xbd\",\"b\":null,\"c\":null,"
                           "\"d\":7,\"e\":true}");
    buffer_free(&buffer);
}

static void overflow_is_noticed(void)
{
    struct buffer buffer;
    buffer_init(&buffer, 8);
    struct json_writer writer = json_write_begin(&buffer);
    json_put_string(&writer, "name", "a long text");
    json_write_end(&writer);
    CU_ASSERT_FALSE(writer.ok);
    buffer_free(&buffer);
}

/* Every reason has its words, and ours are ours. */
static void every_reason_is_in_the_table(void)
{
    for (enum failure_reason reason = FAILURE_NONE; reason < FAILURE_REASONS; reason++) {
        struct failure why;
        CU_ASSERT_FALSE(fail(&why, reason, "%s", "x"));
        CU_ASSERT_PTR_NOT_NULL(failure_reason_name(reason));
        CU_ASSERT_TRUE(why.status == 200 || (why.status >= 400 && why.status < 600));
        CU_ASSERT_EQUAL(why.retry_after_ms, -1);
    }
}

static void ends_follow_from_causes(void)
{
    struct failure why;
    fail(&why, FAILURE_UNAUTHORIZED, "%s", "");
    CU_ASSERT_EQUAL(exchange_end_of(&why), END_REFUSED);
    fail(&why, FAILURE_TIMEOUT, "%s", "");
    CU_ASSERT_EQUAL(exchange_end_of(&why), END_TIMEOUT);
    why.source = SOURCE_PROVIDER; /* a 504 of the provider's own is an error like any other */
    CU_ASSERT_EQUAL(exchange_end_of(&why), END_ERROR);
    fail(&why, FAILURE_UPSTREAM_CUT, "%s", "");
    CU_ASSERT_EQUAL(exchange_end_of(&why), END_UPSTREAM_CUT);
}

static const struct unit_test tests[] = {
    {"releases run backwards", releases_run_backwards},
    {"a buffer stops at its ceiling", a_buffer_stops_at_its_ceiling},
    {"consuming and appending keeps the order", consuming_and_appending_keeps_the_order},
    {"digests are right", digests_are_right},
    {"random names differ", random_names_differ},
    {"a child makes other names", a_child_makes_other_names},
    {"numbers are written as printf() writes them", numbers_are_written_as_printf_writes_them},
    {"sentences are made fit", sentences_are_made_fit},
    {"long sentences are cut by code points", long_sentences_are_cut_by_code_points},
    {"written JSON is escaped", written_json_is_escaped},
    {"overflow is noticed", overflow_is_noticed},
    {"every reason is in the table", every_reason_is_in_the_table},
    {"ends follow from causes", ends_follow_from_causes},
};

UNIT_MAIN("ground", tests)
