/* The options that every command understands, those of one command, and its operands. */
#include <string.h>

#include "base/failure.h"
#include "cli/options.h"
#include "unit.h"

static const struct option_row rows[] = {{"dump", NULL, "a flag"},
                                         {"since", "WHEN", "with a value"},
                                         {"settle", NULL, "begins as --set does"},
                                         {0}};
static const struct command_syntax syntax = {.name = "penstock test", .options = rows};

static void options_are_read_in_every_form(void)
{
    const char *arguments[] = {"test",        "--dump",   "-c",     "/a",   "--set",    "x.y=1=2",
                               "--since=a=b", "--set=z=", "-c/b",   "rest", "--settle", "--since",
                               "1d",          "--",       "--more", NULL};
    struct options options;
    struct failure why;
    CU_ASSERT_TRUE_FATAL(options_read(&options, &syntax, 15, (char **)arguments, &why));
    CU_ASSERT_STRING_EQUAL(options.source.file, "/b");
    CU_ASSERT_EQUAL_FATAL(options.source.set_count, 2);
    CU_ASSERT_STRING_EQUAL(options.source.sets[0].name, "x.y");
    CU_ASSERT_STRING_EQUAL(options.source.sets[0].value, "1=2");
    CU_ASSERT_STRING_EQUAL(options.source.sets[1].name, "z");
    CU_ASSERT_STRING_EQUAL(options.source.sets[1].value, "");
    CU_ASSERT_EQUAL_FATAL(options.use_count, 4);
    CU_ASSERT_STRING_EQUAL(options.uses[0].row->name, "dump");
    CU_ASSERT_STRING_EQUAL(options.uses[1].value, "a=b");
    CU_ASSERT_TRUE(options_has(&options, "settle"));
    CU_ASSERT_STRING_EQUAL(options_value(&options, "since"), "1d");
    CU_ASSERT_EQUAL_FATAL(options.operand_count, 2);
    CU_ASSERT_STRING_EQUAL(options.operands[0], "rest");
    CU_ASSERT_STRING_EQUAL(options.operands[1], "--more");
    options_free(&options);
}

static void no_arguments_are_no_options(void)
{
    const char *arguments[] = {"test", NULL};
    struct options options;
    struct failure why;
    CU_ASSERT_TRUE_FATAL(options_read(&options, &syntax, 1, (char **)arguments, &why));
    CU_ASSERT_PTR_NULL(options.source.file);
    CU_ASSERT_EQUAL(options.source.set_count + options.operand_count + options.use_count, 0);
    CU_ASSERT_FALSE(options_has(&options, "dump"));
    CU_ASSERT_PTR_NULL(options_value(&options, "since"));
    options_free(&options);
}

static void wrong_options_are_reported(void)
{
    static const struct {
        const char *arguments[4];
        const char *message;
    } cases[] = {
        {{"test", "--dump", "-c"}, "-c needs a FILE"},
        {{"test", "--dump", "-c", ""}, "-c needs a FILE"},
        {{"test", "--set=a=b", "--set"}, "--set needs SETTING=VALUE"},
        {{"test", "--set", "a"}, "--set needs SETTING=VALUE"},
        {{"test", "--set", "=a"}, "--set needs SETTING=VALUE"},
        {{"test", "--dump", "--since"}, "--since needs a value: WHEN"},
        {{"test", "--since="}, "--since needs a value: WHEN"},
        {{"test", "--dmp", "x"}, "unknown option --dmp"},
        {{"test", "--dump=1"}, "--dump=1: the option takes no value"},
        {{"test", "--help=1"}, "--help=1: the option takes no value"},
        {{"test", "-x", "y"}, "unknown option -x"},
        {{"test", "--dump", "-xh"}, "unknown option -x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct options options;
        struct failure why;
        int count = 0;
        while (count < 4 && cases[i].arguments[count])
            count++;
        CU_ASSERT_FALSE(options_read(&options, &syntax, count, (char **)cases[i].arguments, &why));
        CU_ASSERT_STRING_EQUAL(why.message, cases[i].message);
    }
}

static void help_ends_the_reading(void)
{
    const char *arguments[] = {"test", "-h", "--bogus", NULL};
    struct options options;
    struct failure why;
    CU_ASSERT_TRUE_FATAL(options_read(&options, &syntax, 3, (char **)arguments, &why));
    CU_ASSERT_TRUE(options.help);
    options_free(&options);
}

static void options_may_precede_the_command(void)
{
    const char *before[] = {"penstock", "-c", "/a", "--set", "a=b", "serve", "--bogus", NULL};
    const char *none[] = {"penstock", "-c", "/a", NULL}, *help[] = {"penstock", "--help", "serve", NULL};
    CU_ASSERT_EQUAL(options_find_command(7, (char **)before), 5);
    CU_ASSERT_EQUAL(options_find_command(3, (char **)none), 3);
    CU_ASSERT_EQUAL(options_find_command(3, (char **)help), 3);
}

static const struct unit_test tests[] = {
    {"options are read in every form", options_are_read_in_every_form},
    {"no arguments are no options", no_arguments_are_no_options},
    {"wrong options are reported", wrong_options_are_reported},
    {"help ends the reading", help_ends_the_reading},
    {"options may precede the command", options_may_precede_the_command},
};

UNIT_MAIN("options", tests)
