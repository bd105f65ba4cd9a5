/* The model of a form is found wherever its bytes are cut, and a form that can be read twice is refused. */
#include "format/multipart.h"

#include <string.h>

#include "unit.h"

#define TYPE "multipart/form-data; boundary=b"
#define FIELD(name) "Content-Disposition: form-data; name=" name "\r\n\r\n"

/* Feeds the form in steps of `step` bytes. */
static bool look(struct multipart *form, const char *text, size_t length, size_t step)
{
    if (!multipart_open(form, TYPE, "model"))
        return false;
    for (size_t at = 0; at < length; at += step)
        if (!multipart_read(form, text + at, length - at < step ? length - at : step))
            return false;
    return true;
}

static void found_however_it_is_cut(void)
{
    static const char text[] = "--b\r\n" FIELD(
        "file; filename=\"a; name=model\"") "\r\n--a\n--x\0\r\n\r\n--b \r\n"
                                            "X: y\r\ncontent-disposition : form-data;\r\n  "
                                            "NAME=\"mo\\del\"\r\n\r\n"
                                            "wh-1\r\n--b\r\n" FIELD("n") "\r\n--b--\r\n";
    const char *value = memmem(text, sizeof text - 1, "wh-1", 4);
    struct multipart form;
    for (size_t step = 1; step < sizeof text; step++) {
        CU_ASSERT_TRUE(look(&form, text, sizeof text - 1, step));
        CU_ASSERT_EQUAL(form.found, 1);
        CU_ASSERT_TRUE(form.closed);
        CU_ASSERT_EQUAL(form.value_at, (uint64_t)(value - text));
        CU_ASSERT_EQUAL(form.value_length, 4);
        CU_ASSERT_STRING_EQUAL(form.value, "wh-1");
    }
}

static void every_model_counts(void)
{
    static const char text[] = "--b\r\n" FIELD("model") "one\r\n--b\r\n" FIELD(
        "\"model\"") "two\r\n--b--\r\n";
    struct multipart form;
    CU_ASSERT_TRUE(look(&form, text, sizeof text - 1, 7));
    CU_ASSERT_EQUAL(form.found, 2);
    CU_ASSERT_STRING_EQUAL(form.value, "one");
}

static void an_unterminated_value_does_not_count(void)
{
    static const char text[] = "--b\r\n" FIELD("model") "whisper\r\n--";
    struct multipart form;
    CU_ASSERT_TRUE(look(&form, text, sizeof text - 1, 3));
    CU_ASSERT_EQUAL(form.found, 1);
    CU_ASSERT_FALSE(form.closed);
}

static void a_long_value_is_cut_and_measured(void)
{
    static char text[4000];
    struct multipart form;
    int length = snprintf(text, sizeof text, "--b\r\n%s%01000d\r\n--b--", FIELD("model"), 7);
    CU_ASSERT_TRUE(look(&form, text, (size_t)length, 11));
    CU_ASSERT_EQUAL(form.value_length, 1000);
    CU_ASSERT_TRUE(strlen(form.value) < sizeof form.value);
}

/* Lines that some parsers take for a delimiter or a name, and others do not. */
static void an_ambiguous_form_is_refused(void)
{
    static const char *const texts[] = {
        "x\r\n--b\r\n",
        "\r\n--b\r\n",
        "--b\n",
        "--bc\r\n",
        "--b-\r\n",
        "--b x\r\n",
        "--b\r\n" FIELD("x") "y\n--b\r\n",
        "--b\r\n" FIELD("x") "--b\r\n",
        "--b\r\n" FIELD("x") "y\r\n--bc",
        "--b\r\n" FIELD("x") "y\r\n--b--\r\n--b\r\n",
        "--b\r\nA: b\nC: d\r\n\r\n",
        "--b\r\n" FIELD("\"model"),
        "--b\r\n" FIELD("x; name*=utf-8''model"),
    };
    struct multipart form;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t step = 1; step < 9; step++)
            if (look(&form, texts[i], strlen(texts[i]), step))
                CU_FAIL(texts[i]);
}

static void header_lines_have_a_size_limit(void)
{
    static char text[MULTIPART_HEAD_MAX + 100];
    struct multipart form;
    int length = snprintf(text, sizeof text, "--b\r\nX: %0*d", MULTIPART_HEAD_MAX, 0);
    CU_ASSERT_FALSE(look(&form, text, (size_t)length, 1000));
}

static void boundaries_are_read_as_in_rfc_2046(void)
{
    static const struct {
        const char *type, *boundary; /* NULL: no form */
    } cases[] = {
        {TYPE, "b"},
        {"Multipart/Form-Data;charset=utf-8;Boundary=\"a b\"", "a b"},
        {"multipart/form-data", NULL},
        {"multipart/form-data; boundary=", NULL},
        {"multipart/form-data; boundary=\"b", NULL},
        {"multipart/form-data; xboundary=b", NULL},
        {"multipart/form-datas; boundary=b", NULL},
        {"application/json; boundary=b", NULL},
        {"", NULL},
        {"multipart/form-data; boundary="
         "0123456789012345678901234567890123456789012345678901234567890123456789x",
         NULL},
    };
    struct multipart form;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool good = multipart_open(&form, cases[i].type, "model");
        CU_ASSERT_EQUAL(good, cases[i].boundary != NULL);
        if (good && cases[i].boundary)
            CU_ASSERT_STRING_EQUAL(multipart_boundary(&form), cases[i].boundary);
    }
}

static const struct unit_test tests[] = {
    {"a model is found however its form is cut", found_however_it_is_cut},
    {"every part that names a model counts", every_model_counts},
    {"an unterminated value does not count", an_unterminated_value_does_not_count},
    {"a long value is cut and measured", a_long_value_is_cut_and_measured},
    {"an ambiguous form is refused", an_ambiguous_form_is_refused},
    {"header lines have a size limit", header_lines_have_a_size_limit},
    {"boundaries_are_read_as_in_rfc_2046 are read as in RFC 2046", boundaries_are_read_as_in_rfc_2046},
};

UNIT_MAIN("multipart", tests)
