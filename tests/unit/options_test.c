/* The options that every command understands. */
#include <string.h>

#include "base/failure.h"
#include "cli/options.h"
#include "unit.h"

static void options_are_read_in_every_form(void)
{
    const char *arguments[] = {"--dump",   "-c",   "/a",   "--set",   "x.y=1=2",
                               "--set=z=", "-c/b", "rest", "--settle"};
    struct options options;
    struct failure why;
    CU_ASSERT_TRUE_FATAL(options_read(&options, 9, (char **)arguments, &why));
    CU_ASSERT_STRING_EQUAL(options.source.file, "/b");
    CU_ASSERT_EQUAL_FATAL(options.source.set_count, 2);
    CU_ASSERT_STRING_EQUAL(options.source.sets[0].name, "x.y");
    CU_ASSERT_STRING_EQUAL(options.source.sets[0].value, "1=2");
    CU_ASSERT_STRING_EQUAL(options.source.sets[1].name, "z");
    CU_ASSERT_STRING_EQUAL(options.source.sets[1].value, "");
    CU_ASSERT_EQUAL_FATAL(options.rest_count, 3);
    CU_ASSERT_STRING_EQUAL(options.rest[0], "--dump");
    CU_ASSERT_STRING_EQUAL(options.rest[1], "rest");
    CU_ASSERT_STRING_EQUAL(options.rest[2], "--settle");
    options_free(&options);
}

static void no_arguments_are_no_options(void)
{
    struct options options;
    struct failure why;
    CU_ASSERT_TRUE_FATAL(options_read(&options, 0, NULL, &why));
    CU_ASSERT_PTR_NULL(options.source.file);
    CU_ASSERT_EQUAL(options.source.set_count + (size_t)options.rest_count, 0);
    options_free(&options);
}

static void mistaken_options_are_told(void)
{
    static const struct {
        const char *arguments[2];
        const char *told;
    } cases[] = {
        {{"--dump", "-c"}, "-c needs a FILE"},
        {{"--set=a=b", "--set"}, "--set needs SETTING=VALUE"},
        {{"--set", "a"}, "--set needs SETTING=VALUE"},
        {{"--set", "=a"}, "--set needs SETTING=VALUE"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct options options;
        struct failure why;
        CU_ASSERT_FALSE(options_read(&options, 2, (char **)cases[i].arguments, &why));
        CU_ASSERT_STRING_EQUAL(why.message, cases[i].told);
    }
}

static const struct unit_test tests[] = {
    {"options are read in every form", options_are_read_in_every_form},
    {"no arguments are no options", no_arguments_are_no_options},
    {"mistaken options are told", mistaken_options_are_told},
};

UNIT_MAIN("options", tests)
