/* Buffers grow up to their limit and keep the order of bytes. */
#include "base/buffer.h"

#include <string.h>

#include "unit.h"

static void a_buffer_stops_at_its_limit(void)
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

static const struct unit_test tests[] = {
    {"a buffer stops at its limit", a_buffer_stops_at_its_limit},
    {"consuming and appending keeps the order", consuming_and_appending_keeps_the_order},
};

UNIT_MAIN("buffer", tests)
