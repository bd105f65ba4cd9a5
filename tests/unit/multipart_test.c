/* The model of a form is found wherever its bytes are cut, and a form that can be read twice is refused. */
#include "format/multipart.h"

#include <stdio.h>
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
        "file; filename=\"a; name=model\"") "\r\n--a\n--x\0\r\r\n\r\n--b\r\n"
                                            "X: y\r\ncontent-disposition: form-data;  "
                                            "NAME=\"model\"\r\n"
                                            "Content-type: Text/plain; charset=UTF-8\r\n"
                                            "content-transfer-encoding: 8BIT\r\n\r\n"
                                            "wh-1\r\n--b\r\n" FIELD("n") "\r\n\r\n--b--\r\n";
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
static const char *const ambiguous[] = {
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
    /* line ends */
    "--b \r\n" FIELD("x"),
    "--b\r\n" FIELD("x") "y\r--b\r\n" FIELD("model"),
    "--b\r\n" FIELD("x") "y\r--b--",
    "--b\r\nContent-Disposition: form-data;\r\n name=x\r\n\r\n",
    "--b\r\nContent-Disposition: form-data; name=x\rA: b\r\n\r\n",
    "--b\r\nContent-Disposition: form-data; name=\"x\vy\"\r\n\r\n",
    /* after the end */
    "--b\r\n" FIELD("x") "y\r\n--b--z",
    "--b\r\n" FIELD("x") "y\r\n--b--\r\nz",
    /* headers */
    "--b\r\n\r\nx",
    "--b\r\nX: y\r\n\r\n",
    "--b\r\nContent-Disposition : form-data; name=x\r\n\r\n",
    "--b\r\nContent-Disposition\r\n\r\n",
    "--b\r\n: x\r\n\r\n",
    "--b\r\nContent-Disposition: form-data; name=x\r\ncontent-disposition: form-data; name=model\r\n\r\n",
    "--b\r\nContent-Disposition: attachment; name=model\r\n\r\n",
    "--b\r\nContent-Disposition: form-data\r\n\r\n",
    "--b\r\nContent-Disposition: form-data name=x\r\n\r\n",
    "--b\r\nContent-Disposition: form-data; name = x\r\n\r\n",
    "--b\r\n" FIELD("x;"),
    "--b\r\n" FIELD("Model:"),
    "--b\r\n" FIELD("model;"),
    "--b\r\n" FIELD("x; "),
    "--b\r\n" FIELD("x, y"),
    "--b\r\n" FIELD("x y"),
    "--b\r\n" FIELD("\"x\"y"),
    "--b\r\n" FIELD("\"x\\\"; name=model; a=\""),
    "--b\r\n" FIELD("\"x\\\\\"; filename=\"y\""),
    "--b\r\n" FIELD("x; filename=\"a\\\"; name=\"model\""),
    /* parameters like name* */
    "--b\r\n" FIELD("x; name*=utf-8''model"),
    "--b\r\n" FIELD("x; NAME*0=mo; name*1=del"),
    "--b\r\n" FIELD("x; name*0*=utf-8''model"),
    "--b\r\n" FIELD("x; name=model"),
    "--b\r\n" FIELD("x; Name=x"),
    "--b\r\n" FIELD("x; xname=model"),
    "--b\r\n" FIELD("x; boundary=c"),
    "--b\r\n" FIELD("x; boundary*0=c"),
    "--b\r\nContent-Disposition: form-data; name*0=\"mod\"; name*1=\"el\"\r\n\r\n",
    "--b\r\nContent-Type: text/plain; name*=utf-8''model\r\n" FIELD("x"),
    "--b\r\nContent-Type: text/plain; boundary=c\r\n" FIELD("x"),
    "--b\r\nX-Y: a; name*0=model\r\n" FIELD("x"),
    "--b\r\nX-Y: a; boundary*=c\r\n" FIELD("x"),
    "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n" FIELD("x"),
    "--b\r\nContent-Type: message/rfc822\r\n" FIELD("x"),
    /* names */
    "--b\r\n" FIELD("Model"),
    "--b\r\n" FIELD("\"MODEL\""),
    "--b\r\n" FIELD("\" model\""),
    "--b\r\n" FIELD("\"model \""),
    "--b\r\n" FIELD("\"model[]\""),
    "--b\r\n" FIELD("\"model[x\""),
    "--b\r\n" FIELD("\"%6dodel\""),
    "--b\r\n" FIELD("\"model%00x\""),
    "--b\r\n" FIELD("\"mo\\del\""),
    "--b\r\n" FIELD("\"=?utf-8?q?model?=\""),
    "--b\r\n" FIELD("_charset_"),
    "--b\r\n" FIELD("'model'"),
    "--b\r\n" FIELD("\"'model'\""),
    "--b\r\n" FIELD("'x"),
    "--b\r\n" FIELD("\"model.\""),
    "--b\r\n" FIELD("\"\xc2\xa0model\""),
    "--b\r\n" FIELD("\"model\xef\xbb\xbf\""),
    "--b\r\n" FIELD("\"mod\xe2\x80\x8b"
                    "el\""),
    "--b\r\n" FIELD("Stream"),
    "--b\r\n" FIELD("N"),
    "--b\r\n" FIELD("Max_tokens"),
    "--b\r\n" FIELD("\"max.tokens\""),
    "--b\r\n" FIELD("\"n[]\""),
    "--b\r\n" FIELD("\"%6e\""),
    "--b\r\n" FIELD("stream") "true\r\n--b\r\n" FIELD("\"stream\""),
    "--b\r\n" FIELD("n") "1\r\n--b\r\n" FIELD("x") "1\r\n--b\r\n" FIELD("n"),
    /* a model that is no plain text */
    "--b\r\n" FIELD("model; filename=a"),
    "--b\r\n" FIELD("model; filename=\"\""),
    "--b\r\n" FIELD("model; filename*=utf-8''a"),
    "--b\r\nContent-Type: text/plain; charset=utf-16le\r\n" FIELD("model"),
    "--b\r\nContent-Type: text/plain; charset=utf-7\r\n" FIELD("model"),
    "--b\r\nContent-Type: application/octet-stream\r\n" FIELD("model"),
    "--b\r\nContent-Type: application/json\r\n" FIELD("model"),
    "--b\r\nContent-Disposition: form-data; name=model\r\nContent-Type: text/html\r\n\r\n",
    "--b\r\nContent-Transfer-Encoding: base64\r\n" FIELD("model"),
    "--b\r\nContent-Disposition: form-data; name=model\r\nContent-Transfer-Encoding: "
    "quoted-printable\r\n\r\n",
    "--b\r\n" FIELD("model") " m\r\n--b",
    "--b\r\n" FIELD("model") "m\t\r\n--b",
    "--b\r\n" FIELD("model") "m\nn\r\n--b",
    "--b\r\n" FIELD("model") "m\r\r\n--b",
    "--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n" FIELD("model") "\xc3\xa9\r\n--b",
};

static void an_ambiguous_form_is_refused(void)
{
    struct multipart form;
    for (size_t i = 0; i < sizeof ambiguous / sizeof *ambiguous; i++)
        for (size_t step = 1; step < 9; step++)
            if (look(&form, ambiguous[i], strlen(ambiguous[i]), step) || !form.fault)
                CU_FAIL(ambiguous[i]);
}

/* What clients send: curl, browsers, Python's requests and httpx, Go, Java's HttpClient and OkHttp, .NET. */
static void forms_of_common_clients_pass(void)
{
    static const char *const parts[] = {
        FIELD("\"model\"") "m",
        "Content-Disposition: form-data; name=model\r\n\r\nm",
        "Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=model\r\n\r\nm",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Type: text/plain; charset=ISO-8859-1\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\nm",
        "Content-Disposition: form-data; name=\"model\"\r\nContent-Length: 1\r\n\r\nm",
        "Content-Type: text/plain;charset=\"UTF-8\"\r\nContent-Disposition: form-data; "
        "name=\"model\"\r\n\r\nm",
    };
    static const char *const others[] = {
        FIELD("file; filename=\"a\\b.wav\""),
        FIELD("file; filename=\"a%22b.wav\""),
        FIELD("file; filename=\"a; name=model.wav\""),
        FIELD("file; filename=a.wav; filename*=utf-8''%e2%82%ac.wav"),
        FIELD("\"timestamp_granularities[]\""),
        FIELD("\"models of mine\""),
        "Content-Type: audio/webm;codecs=vp8,opus\r\n" FIELD("file; filename=\"blob\""),
        "Content-Transfer-Encoding: binary\r\nContent-Type: application/octet-stream\r\n" FIELD("file"),
        "MIME-Version: 1.0\r\n" FIELD("\"\"; filename=\"\""),
    };
    char text[2048];
    struct multipart form;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (size_t j = 0; j < sizeof others / sizeof *others; j++) {
            int length = snprintf(text, sizeof text, "--b\r\n%s\r\n--b\r\n%sx\r\n--b--\r\n", parts[i],
                                  others[j]);
            if (!look(&form, text, (size_t)length, 100) || !multipart_finish(&form) || form.found != 1 ||
                strcmp(form.value, "m") != 0) {
                CU_FAIL(form.fault);
                printf("%s\n%s\n", form.fault ? form.fault : "", text);
            }
        }
}

static void the_last_delimiter_must_come(void)
{
    static const char text[] = "--b\r\n" FIELD("model") "m\r\n--b\r\n" FIELD("x") "y\r\n--b--";
    struct multipart form;
    for (size_t length = 0; length < sizeof text; length++) {
        CU_ASSERT_TRUE(look(&form, text, length, 50));
        CU_ASSERT_EQUAL(multipart_finish(&form), length == sizeof text - 1);
    }
}

static void fields_that_pick_other_models_are_named(void)
{
    static const char *const names[] = {"models",           "Models",         "\"fallbacks[]\"",
                                        "extra_body",       "\"route\"",      "context_window_fallbacks",
                                        "preset",           "adapter_id",     "deployment_id",
                                        "engine",           "modelId",        "\"model%5fid\"",
                                        "\"lora-request\"", "fallback_models"};
    char text[256];
    struct multipart form;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int length = snprintf(text, sizeof text, "--b\r\nContent-Disposition: form-data; name=%s\r\n\r\n",
                              names[i]);
        CU_ASSERT_TRUE(look(&form, text, (size_t)length, 7));
        CU_ASSERT_TRUE(*form.picks);
        CU_ASSERT_EQUAL(form.found, 0);
    }
}

static void the_number_of_answers_is_read_generously(void)
{
    static const struct {
        const char *value;
        int64_t answers;
    } cases[] = {{"3", 3},     {"3.0", 3}, {" 3", 3},
                 {"1e1", 10},  {"", 1},    {"-1", 1},
                 {"x", 1},     {"\"3", 1}, {"999999999", MULTIPART_ANSWERS_MAX},
                 {"3\r\n", 3}, {"007", 7}};
    char text[256];
    struct multipart form;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t step = 1; step < 9; step++) {
            int length = snprintf(text, sizeof text,
                                  "--b\r\n" FIELD("x") "9\r\n--b\r\n" FIELD("n") "%s\r\n--b--\r\n",
                                  cases[i].value);
            CU_ASSERT_TRUE(look(&form, text, (size_t)length, step));
            if (form.answers != cases[i].answers)
                CU_FAIL(cases[i].value);
        }
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
        {"multipart/form-data; boundary=b;", NULL},
        {"multipart/form-data ; boundary=\"----=_Part_1.2?\"", "----=_Part_1.2?"},
        {"multipart/form-data; boundary=----=_Part_1", NULL},
        {"multipart/form-data; boundary=b:c", NULL},
        {"multipart/form-data; boundary=", NULL},
        {"multipart/form-data; boundary=b; boundary=b", NULL},
        {"multipart/form-data; boundary=b; Boundary=c", NULL},
        {"multipart/form-data; boundary*=utf-8''b", NULL},
        {"multipart/form-data; boundary*0=a; boundary*1=b", NULL},
        {"multipart/form-data; boundary=b; boundary*0=c", NULL},
        {"multipart/form-data; boundary=b; boundary*0*=c", NULL},
        {"multipart/form-data; boundary=b; name*=c", NULL},
        {"multipart/form-data; boundary=b; name*0=c", NULL},
        {"multipart/form-data; boundary=b; x=\"; boundary=c\"", NULL},
        {"multipart/form-data; boundary=b; charset=utf-16", NULL},
        {"multipart/form-data; boundary=\"b;c\"", NULL},
        {"multipart/form-data; boundary=b,c", NULL},
        {"multipart/form-data; boundary=\"b,c\"", NULL},
        {"multipart/form-data; boundary=\"b\\c\"", NULL},
        {"multipart/form-data; boundary=\"b \"", NULL},
        {"multipart/form-data; boundary = b", NULL},
        {"multipart/form-data; boundary=b, multipart/form-data; boundary=c", NULL},
        {"multipart/form-data boundary=b", NULL},
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
    {"the number of answers is read generously", the_number_of_answers_is_read_generously},
    {"a model is found however its form is cut", found_however_it_is_cut},
    {"every part that names a model counts", every_model_counts},
    {"an unterminated value does not count", an_unterminated_value_does_not_count},
    {"a long value is cut and measured", a_long_value_is_cut_and_measured},
    {"an ambiguous form is refused", an_ambiguous_form_is_refused},
    {"forms of common clients pass", forms_of_common_clients_pass},
    {"the last delimiter must come", the_last_delimiter_must_come},
    {"fields that pick other models are named", fields_that_pick_other_models_are_named},
    {"header lines have a size limit", header_lines_have_a_size_limit},
    {"boundaries_are_read_as_in_rfc_2046 are read as in RFC 2046", boundaries_are_read_as_in_rfc_2046},
};

UNIT_MAIN("multipart", tests)
