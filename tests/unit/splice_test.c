/* Splicing changes the members that a rule names and no other byte. */
#include "format/splice.h"

#include <string.h>

#include "base/arena.h"
#include "base/failure.h"
#include "unit.h"

static struct arena *arena;
static struct splice splice;
static struct failure why;

static void open_text(const char *text)
{
    arena_destroy(arena);
    arena = arena_create();
    CU_ASSERT_TRUE_FATAL(splice_open(&splice, arena, (struct json_value){text, strlen(text)}, 8, &why));
}

static struct splice_member *find(const char *name)
{
    struct splice_member *member = NULL;
    CU_ASSERT_TRUE(splice_find(&splice, name, &member, &why));
    return member;
}

static void drop(const char *names)
{
    for (char name[2] = {0}; *names; names++) {
        name[0] = *names;
        if (find(name))
            find(name)->dropped = true;
    }
}

static const char *result(void)
{
    static char text[512];
    struct json_value *pieces;
    size_t count = splice_pieces(&splice, &pieces);
    *text = '\0';
    for (size_t i = 0; i < count; i++)
        strncat(text, pieces[i].at, pieces[i].length);
    return text;
}

static void nothing_changes_by_itself(void)
{
    static const char text[] = " { \"a\" : 1.0 ,\n\t\"b\":[1, 2],\"a\":9007199254740993 } \n";
    open_text(text);
    CU_ASSERT_STRING_EQUAL(result(), text);
}

static void pack(const char *text, char *packed)
{
    for (; *text; text++) {
        if (*text != ' ')
            *packed++ = *text;
    }
    *packed = '\0';
}

static void dropping_takes_one_comma(void)
{
    static const struct {
        const char *names, *left;
    } cases[] = {
        {"a", "{\"b\": 2 , \"c\":3 }"},
        {"b", "{ \"a\":1, \"c\":3 }"},
        {"c", "{ \"a\":1, \"b\": 2 }"},
        {"ab", "{\"c\":3 }"},
        {"bc", "{ \"a\":1 }"},
        {"ac", "{ \"b\": 2 }"},
        {"abc", "{ }"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        open_text("{ \"a\":1, \"b\": 2 , \"c\":3 }");
        drop(cases[i].names);
        struct json_value root;
        struct json_fault fault;
        const char *left = result();
        CU_ASSERT_TRUE(
            json_check((struct json_value){left, strlen(left)}, 4, JSON_UTF8_STRICT, &root, &fault));
        CU_ASSERT_EQUAL(strspn(left, "{ \"") > 0, true);
        char packed[128] = "", wanted[128] = "";
        pack(left, packed);
        pack(cases[i].left, wanted);
        CU_ASSERT_STRING_EQUAL(packed, wanted);
    }
}

static void values_and_names_are_replaced(void)
{
    open_text("{\"model\": \"x\" ,\"max\":7}");
    splice_set(&splice, find("model"), "model", "\"y\"");
    find("max")->new_name = "\"most\"";
    CU_ASSERT_STRING_EQUAL(result(), "{\"model\": \"y\" ,\"most\":7}");
}

static void additions_come_first(void)
{
    open_text("{\"a\":1}");
    splice_set(&splice, NULL, "s", "{\"u\":true}");
    splice_set(&splice, NULL, "t", "2");
    CU_ASSERT_STRING_EQUAL(result(), "{\"s\":{\"u\":true},\"t\":2,\"a\":1}");
    open_text("{ }");
    splice_set(&splice, NULL, "s", "1");
    CU_ASSERT_STRING_EQUAL(result(), "{\"s\":1 }");
    open_text("{\"a\":1}");
    drop("a");
    splice_set(&splice, NULL, "s", "1");
    CU_ASSERT_STRING_EQUAL(result(), "{\"s\":1}");
}

static void a_reset_undoes_every_change(void)
{
    open_text("{\"model\": \"x\" ,\"max\":7}");
    splice_set(&splice, find("model"), "model", "\"y\"");
    find("max")->new_name = "\"most\"";
    splice_set(&splice, NULL, "s", "1");
    drop("s");
    splice_reset(&splice);
    CU_ASSERT_STRING_EQUAL(result(), "{\"model\": \"x\" ,\"max\":7}");
    splice_set(&splice, NULL, "t", "2");
    CU_ASSERT_STRING_EQUAL(result(), "{\"t\":2,\"model\": \"x\" ,\"max\":7}");
}

static void duplicates_of_a_member_that_is_read_are_refused(void)
{
    struct splice_member *member;
    open_text("{\"a\":1,\"\\u0061\":2,\"b\":3}");
    CU_ASSERT_FALSE(splice_find(&splice, "a", &member, &why));
    CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_REQUEST);
    CU_ASSERT_TRUE(splice_find(&splice, "b", &member, &why));
}

static void anything_but_an_object_is_refused(void)
{
    static const char *const texts[] = {"[]", "1", "\"a\"", "{", ""};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        arena_destroy(arena);
        arena = arena_create();
        CU_ASSERT_FALSE(
            splice_open(&splice, arena, (struct json_value){texts[i], strlen(texts[i])}, 8, &why));
        CU_ASSERT_EQUAL(why.reason, FAILURE_BAD_REQUEST);
    }
    arena_destroy(arena);
    arena = NULL;
}

static const struct unit_test tests[] = {
    {"nothing changes by itself", nothing_changes_by_itself},
    {"dropping takes one comma", dropping_takes_one_comma},
    {"values and names are replaced", values_and_names_are_replaced},
    {"additions come first", additions_come_first},
    {"a reset undoes every change", a_reset_undoes_every_change},
    {"duplicates of a member that is read are refused", duplicates_of_a_member_that_is_read_are_refused},
    {"anything but an object is refused", anything_but_an_object_is_refused},
};

UNIT_MAIN("splice", tests)
