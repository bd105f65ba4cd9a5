/* JSON is written as RFC 8259 requires, and overflow is noticed. */
#include "format/json_write.h"

#include <string.h>

#include "base/buffer.h"
#include "format/decimal.h"
#include "unit.h"

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

/* An overflow in the inner object is an overflow in the outer one too. */
static void nested_objects_report_to_the_outer_one(void)
{
    struct buffer buffer;
    buffer_init(&buffer, 30);
    struct json_writer outer = json_write_begin(&buffer);
    struct json_writer inner = json_put_object(&outer, "a");
    struct json_writer innermost = json_put_object(&inner, "b");
    json_put_count(&innermost, "c", 1);
    json_write_end(&innermost);
    json_write_end(&inner);
    json_write_end(&outer);
    CU_ASSERT_TRUE(outer.ok && buffer_append(&buffer, "", 1));
    CU_ASSERT_STRING_EQUAL(buffer.bytes, "{\"a\":{\"b\":{\"c\":1}}}");
    buffer_free(&buffer);
    buffer_init(&buffer, 18);
    outer = json_write_begin(&buffer);
    inner = json_put_object(&outer, "a");
    innermost = json_put_object(&inner, "b");
    json_put_string(&innermost, "c", "too long");
    CU_ASSERT_FALSE(innermost.ok);
    json_write_end(&innermost);
    json_write_end(&inner);
    CU_ASSERT_FALSE(outer.ok);
    buffer_free(&buffer);
}

static const struct unit_test tests[] = {
    {"numbers are written as printf() writes them", numbers_are_written_as_printf_writes_them},
    {"written JSON is escaped", written_json_is_escaped},
    {"overflow is noticed", overflow_is_noticed},
    {"nested objects report to the outer one", nested_objects_report_to_the_outer_one},
};

UNIT_MAIN("json_write", tests)
